package flow

// An Exporter is the kind of program that wrote a HAR.
type Exporter string

// The exporters whose files have peculiarities that matter to a judgement.
const (
	ExporterChromium Exporter = "chromium" // the developer tools of Chromium and browsers based on it
	ExporterFirefox  Exporter = "firefox"  // Firefox's developer tools
	ExporterWebKit   Exporter = "webkit"   // the Web Inspector of WebKit, which Safari has
)

// OmitsFailed reports whether the exporter leaves out every request that failed or has no
// response yet, so that a file without failures says nothing about them. WebKit's
// HARBuilder.js and NetworkTableContentView.js (_HARResources) write resources that finished.
// It also leaves out preflights, WebSockets and redirects.
func (e Exporter) OmitsFailed() bool { return e == ExporterWebKit }

// OmitsPending reports whether the exporter leaves out requests that were in progress when
// the file was saved. Chromium's NetworkLogView writes finished requests alone (seen with
// version 156).
func (e Exporter) OmitsPending() bool { return e == ExporterWebKit || e == ExporterChromium }

// NamesReasons reports whether the exporter writes why a request failed. Firefox has no
// error word, no address and often no duration.
func (e Exporter) NamesReasons() bool { return e != ExporterFirefox }
