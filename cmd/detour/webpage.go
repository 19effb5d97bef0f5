package main

import (
	"detour/internal/aws"
	"detour/internal/export"
	"detour/ui/table"
	"detour/ui/web"
)

// webPage is the page of a run or a file for a browser. It shortens hosts as the table does.
func webPage(t *aws.Tables) *web.Page {
	return web.New(web.Options{Domains: table.NewDomains(awsNames(t).Domains)})
}

// exportWriter writes captures in every format.
func exportWriter(t *aws.Tables) export.Writer {
	return export.Writer{Version: version(), HTML: webPage(t).Report}
}
