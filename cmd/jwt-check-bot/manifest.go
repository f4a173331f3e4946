package main

import (
	"github.com/spf13/cobra"

	"jwt-check-bot/bot"
)

func manifestCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "manifest",
		Short: "Print the Slack app manifest, to paste into “create app from manifest”",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := c.OutOrStdout().Write(bot.Manifest)
			return err
		},
	}
}
