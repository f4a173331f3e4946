package main

import (
	"github.com/spf13/cobra"

	"jwt-check-bot/bot"
)

func manifestCommand() *cobra.Command {
	watch := false
	c := &cobra.Command{
		Use:   "manifest",
		Short: "Print the Slack app manifest, to paste into “create app from manifest”",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := c.OutOrStdout().Write(bot.ManifestFor(watch))
			return written(err)
		},
	}
	c.Flags().BoolVar(&watch, "watch", false, "with the scopes and events that JWT_CHECK_WATCH_CHANNELS needs")
	c.SetFlagErrorFunc(flagError)
	return c
}
