// Command operations writes the table of operations that detour embeds, from the API
// models in aws-sdk-go v1, the last source that is a Go module, and from a supplement of
// newer operations.
//
//	go run ./operations > ../aws/data/models/operations.tsv
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	_ "github.com/aws/aws-sdk-go/models/endpoints" // keeps the module, which has the models
)

// A model is what is read of one.
type model struct {
	Metadata struct {
		ServiceID string `json:"serviceId"`
		Protocol  string
	}
	Operations map[string]struct {
		HTTP struct {
			Method     string
			RequestURI string `json:"requestUri"`
		}
		Endpoint struct {
			HostPrefix string `json:"hostPrefix"`
		}
	}
}

// dated is what CloudFront's models put behind the names of operations.
var dated = regexp.MustCompile(`20\d\d_\d\d_\d\d$`)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	services, err := readServices("../aws/data/api_services.tsv")
	if err != nil {
		return err
	}
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/aws/aws-sdk-go").Output()
	if err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(dir)), "models/apis/*/*/api-2.json"))
	if err != nil {
		return err
	}
	rows := map[string]string{} // by service and operation
	for _, file := range files {
		if err := readModel(file, services, rows); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	err = eachRow("operations/supplement.tsv", func(c []string) error {
		key := c[0] + "\t" + c[1]
		if rows[key] = strings.Join(c, "\t"); c[2] == "gone" {
			delete(rows, key)
		}
		return nil
	})
	if err != nil {
		return err
	}
	out := bufio.NewWriter(os.Stdout)
	fmt.Fprintln(out, "service\toperation\tmethod\turi\thost_prefix")
	for _, key := range slices.Sorted(maps.Keys(rows)) {
		fmt.Fprintln(out, rows[key])
	}
	return out.Flush()
}

// readServices reads what the product calls a service, by the SDK's id of it.
func readServices(file string) (map[string]string, error) {
	services := map[string]string{}
	err := eachRow(file, func(c []string) error {
		if c[8] != "d" { // younger than the models
			services[c[1]] = c[0]
		}
		return nil
	})
	return services, err
}

// readModel adds a model's operations. Of one with several versions, the files
// come in their order and the last wins.
func readModel(file string, services, rows map[string]string) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var m model
	if err := json.Unmarshal(b, &m); err != nil {
		return err
	}
	service := services[m.Metadata.ServiceID]
	if service == "" {
		return fmt.Errorf("the product has no service with the id %q", m.Metadata.ServiceID)
	}
	rest := strings.HasPrefix(m.Metadata.Protocol, "rest-")
	for name, o := range m.Operations {
		name = dated.ReplaceAllString(name, "")
		method, uri := "", ""
		if rest && (o.HTTP.Method != "POST" || o.HTTP.RequestURI != "/") {
			method, uri = o.HTTP.Method, o.HTTP.RequestURI
		}
		rows[service+"\t"+name] = strings.Join([]string{service, name, method, uri, o.Endpoint.HostPrefix}, "\t")
	}
	return nil
}

// eachRow calls row with the columns of each line but the head.
func eachRow(file string, row func([]string) error) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	for i, line := range strings.Split(strings.TrimSuffix(string(b), "\n"), "\n") {
		if i == 0 {
			continue
		}
		if err := row(strings.Split(line, "\t")); err != nil {
			return err
		}
	}
	return nil
}
