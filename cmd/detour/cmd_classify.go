package main

import (
	"github.com/spf13/cobra"

	"detour/internal/classify"
)

func classifyCommand() *cobra.Command {
	o := &endpointServiceOptions{}
	c := &cobra.Command{
		Use:   "classify",
		Short: "Identify AWS requests: JSON Lines in, JSON Lines out",
		Long: `Reads requests from stdin, one JSON object per line, and writes a line for each, in the
same order: its origin and the evidence, and for an AWS call the partition, Region,
service and operation. Nothing is sent anywhere.

  in   {"method":…,"url":…,"headers":{…} or [[name,value]…],"body_base64":…,
        "response":{"status":…,"headers":…,"body_base64":…}}
  out  {"origin":…,"why":[…],"page":…,"aws":{…},"credential_vend":true}

Only url is required. Bodies are without content coding. If a line can't be read, its
output is {"line":…,"error":…,"hint":…}; the others are still identified, and the exit
code is 1.`,
		Example: `  echo '{"method":"GET","url":"https://b.s3.amazonaws.com/k"}' | detour classify`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage("detour classify <requests.jsonl", "classify reads from stdin and takes no arguments, got %q", args[0])
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error {
			tables, err := o.tables()
			if err != nil {
				return err
			}
			return classify.Lines(c.InOrStdin(), c.OutOrStdout(), tables)
		},
	}
	o.registerEndpointServices(c.Flags())
	return c
}
