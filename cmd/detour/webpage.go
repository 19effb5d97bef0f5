package main

import (
	"detour/internal/aws"
	"detour/internal/export"
	"detour/ui/table"
	"detour/ui/web"
)

// exportWriter writes captures in every format. Its page shortens hosts as the table does.
func exportWriter(t *aws.Tables) export.Writer {
	page := web.New(web.Options{Domains: table.NewDomains(awsNames(t).Domains)})
	return export.Writer{Version: version(), HTML: page.Report}
}
