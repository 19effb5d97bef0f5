package main

import (
	"os"
	"time"

	"github.com/spf13/cobra"

	"detour/internal/captures"
	"detour/ui/choose"
)

func capturesCommand() *cobra.Command {
	var list captures.Command
	c := &cobra.Command{
		Use:   "captures",
		Short: "List the captures of earlier runs, and remove old ones",
		Long: `Lists the captures in detour's state directory, the newest first, with their size and
what they contain. With --older-than, it lists those that were last written longer ago,
and offers to remove them: it asks on a terminal, --yes removes them without a question,
and a script without --yes removes nothing. A capture that a run is writing is never
removed, and neither is a link or a file that isn't a capture.`,
		Example: `  detour captures
  detour captures --older-than 30d
  detour captures --older-than 12w --yes
  detour captures --json | jq -r 'select(.state == "killed").file'`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if list.Dir = capturesDir(); list.Dir == "" {
				return noState()
			}
			if list.Yes && list.Older.Duration == 0 {
				return flagUsage("yes", "detour captures --older-than 30d --yes", "--yes removes nothing without --older-than")
			}
			list.Out, list.Err, list.Now = c.OutOrStdout(), terminalOf(c.ErrOrStderr()), time.Now()
			if in := c.InOrStdin(); onTerminal(in) && onTerminal(list.Err) && onTerminal(list.Out) {
				list.Ask = in
			}
			return list.Run(c.Context())
		},
	}
	c.Flags().Var(&list.Older, "older-than", "only captures last written longer than this `age` ago: 30d, 2w or 12h")
	c.Flags().BoolVar(&list.Yes, "yes", false, "remove what --older-than selects, without asking")
	c.Flags().BoolVar(&list.JSON, "json", false, "write a JSON object for each capture")
	return c
}

// maxOffered is how many of the newest captures are offered.
const maxOffered = 200

// chooseCapture offers the newest captures, and returns the path of the one that was chosen;
// "" if none was.
func chooseCapture(c *cobra.Command, o *openOptions) (path string, err error) {
	const hint = "detour open FILE shows a capture or a HAR"
	all, err := captures.List(c.Context(), capturesDir(), maxOffered)
	if all = captures.Offered(all); err != nil || len(all) == 0 {
		return "", usage(hint, "no file is given, and there is no capture in %s", shown(capturesDir()))
	}
	if canShow(c.OutOrStdout(), hint) != nil || !onTerminal(os.Stdin) {
		return "", usage("the newest is "+all[0].Path+"; detour captures lists all", "no file is given")
	}
	list := choose.Options{Title: "Captures of earlier runs", Noun: "capture", Verb: "open", Theme: o.theme}
	for i, head := range captures.ChoiceHeads() {
		list.Columns = append(list.Columns, choose.Column{Head: head, Right: i > 0 && i < 4})
	}
	now := time.Now()
	for _, x := range all {
		list.Items = append(list.Items, choose.Item{Cells: x.Choice(now, o.presenter), Alert: len(x.Problems) > 0})
	}
	n, ok, err := choose.Run(c.Context(), list)
	if err != nil || !ok {
		return "", err
	}
	return all[n].Path, nil
}
