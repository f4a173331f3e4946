package main

import (
	"cmp"
	"debug/elf"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"text/tabwriter"
)

// madeOf builds the bot once more, with its symbols, and prints what a binary that is over its goal is made of.
func madeOf(out io.Writer, path string) error {
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-w", "-o", path, "./cmd/jwt-check-bot")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if err := build.Run(); err != nil {
		return err
	}
	f, err := elf.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	symbols, err := f.Symbols()
	if err != nil {
		return err
	}
	sections, modules := map[string]int{}, map[string]int{}
	for _, s := range f.Sections {
		if s.Type != elf.SHT_NOBITS && s.Name != ".symtab" && s.Name != ".strtab" {
			sections[s.Name] += int(s.FileSize)
		}
	}
	for _, s := range symbols {
		if i := int(s.Section); i < len(f.Sections) && f.Sections[i].Type != elf.SHT_NOBITS {
			modules[moduleOf(s.Name)] += int(s.Size)
		}
	}
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintf(w, "\nthe binary's sections\tkB\t\tcode and data by module\tkB\n")
	a, b := largest(sections), largest(modules)
	for i := range 14 {
		fmt.Fprintf(w, "%s\t%d\t\t%s\t%d\n", a[i], sections[a[i]]/1000, b[i], modules[b[i]]/1000)
	}
	return w.Flush()
}

// largest lists the names of the largest, and empty ones where there are fewer than are printed.
func largest(sizes map[string]int) []string {
	names := slices.SortedFunc(maps.Keys(sizes), func(a, b string) int { return cmp.Compare(sizes[b], sizes[a]) })
	return append(names, make([]string, 14)...)
}

// moduleOf is the module of a symbol, or the first part of a package of the standard library.
func moduleOf(symbol string) string {
	symbol = strings.TrimPrefix(symbol, "type:")
	symbol, _, _ = strings.Cut(strings.TrimLeft(symbol, "*.[]"), "[")
	if strings.HasPrefix(symbol, "go:") || !strings.Contains(symbol, ".") {
		return symbol
	}
	parts := strings.Split(symbol, "/")
	if strings.Contains(parts[0], ".") && len(parts) > 1 {
		return strings.Join(parts[:min(3, len(parts)-1)], "/")
	}
	first, _, _ := strings.Cut(parts[0], ".")
	return first
}
