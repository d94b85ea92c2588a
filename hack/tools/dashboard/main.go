// Checks a dashboard against the types that Grafana generates from its own schemas: the dashboard, its variables and
// annotations, the options of each kind of panel, and the queries to Prometheus. dashboard FILE
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// Returns what is wrong: unknown, missing and mistyped fields, and values out of bounds.
func problems(raw []byte) []error {
	plugins.RegisterDefaultPlugins()
	read := dashboard.Dashboard{}
	found := []error{read.UnmarshalJSONStrict(raw), read.Validate()}
	loose := struct {
		Panels []struct {
			Title       string          `json:"title"`
			Type        string          `json:"type"`
			FieldConfig json.RawMessage `json:"fieldConfig"`
		} `json:"panels"`
	}{}
	found = append(found, json.Unmarshal(raw, &loose))
	// What the strict reading of a dashboard takes as it comes.
	for _, panel := range loose.Panels {
		if panel.Type == "row" {
			continue
		}
		if _, known := cog.ConfigForPanelcfgVariant(panel.Type); !known {
			found = append(found, fmt.Errorf("panel %s: unknown type %s", panel.Title, panel.Type))
		}
		config := dashboard.FieldConfigSource{}
		found = append(found, config.UnmarshalJSONStrict(panel.FieldConfig))
	}
	return found
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: dashboard FILE")
		os.Exit(2)
	}
	raw, err := os.ReadFile(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	status := 0
	for _, problem := range problems(raw) {
		// An empty list of errors is not nil.
		if problem != nil && problem.Error() != "" {
			fmt.Fprintln(os.Stderr, problem)
			status = 1
		}
	}
	os.Exit(status)
}
