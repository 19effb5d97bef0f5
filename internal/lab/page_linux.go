package lab

import (
	_ "embed"
	"net/http"
	"strconv"

	"detour/internal/demo"
)

//go:embed page.html
var page []byte

// Page returns the address of a console page that gives up a call after so many
// milliseconds, as some of the console's do; 0: never. In its ways "search" and "leave",
// the page cancels calls because the person goes on typing, or leaves. With "hold", it
// sends its calls only when its function go is called.
func Page(limit int, way string) string {
	return "https://" + demo.ConsoleHost + "/cloudwatch/home?region=" + demo.Region + "&limit=" + strconv.Itoa(limit) + "&way=" + way
}

func writePage(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(page)
}
