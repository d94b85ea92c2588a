// Runs the scorecard tests that a bundle's own configuration names, on the bundle in a directory, and prints their results
// as JSON. As `operator-sdk scorecard` does in pods of a cluster: the tests are the same functions, of an internal package,
// which Go lets us import because this module's path is beneath theirs. scorecard DIRECTORY
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/operator-framework/api/pkg/apis/scorecard/v1alpha3"
	"github.com/operator-framework/api/pkg/manifests"
	"github.com/operator-framework/operator-sdk/internal/registry"
	"github.com/operator-framework/operator-sdk/internal/scorecard"
	"github.com/operator-framework/operator-sdk/internal/scorecard/tests"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: scorecard DIRECTORY")
	}
	root := os.Args[1]
	config, err := scorecard.LoadConfig(filepath.Join(root, "tests", "scorecard", scorecard.ConfigFileName))
	if err != nil {
		log.Fatal(err)
	}
	results := []v1alpha3.TestResult{}
	for _, stage := range config.Stages {
		for _, test := range stage.Tests {
			status, err := run(root, test.Entrypoint)
			if err != nil {
				log.Fatal(err)
			}
			results = append(results, status.Results...)
		}
	}
	out, err := json.MarshalIndent(results, "", "  ")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(out))
}

// One test. The bundle is read for each anew: some of them change what they look at.
func run(root string, entrypoint []string) (v1alpha3.TestStatus, error) {
	if len(entrypoint) != 2 || entrypoint[0] != "scorecard-test" {
		return v1alpha3.TestStatus{}, fmt.Errorf("not one of operator-sdk's own tests: %q", entrypoint)
	}
	bundle, err := manifests.GetBundleFromDir(root)
	if err != nil {
		return v1alpha3.TestStatus{}, err
	}
	metadata, _, err := registry.FindBundleMetadata(root)
	if err != nil {
		return v1alpha3.TestStatus{}, err
	}
	switch entrypoint[1] {
	case tests.BasicCheckSpecTest:
		return tests.CheckSpecTest(bundle), nil
	case tests.OLMBundleValidationTest:
		return tests.BundleValidationTest(root, metadata), nil
	case tests.OLMCRDsHaveValidationTest:
		return tests.CRDsHaveValidationTest(bundle), nil
	case tests.OLMCRDsHaveResourcesTest:
		return tests.CRDsHaveResourcesTest(bundle), nil
	case tests.OLMSpecDescriptorsTest:
		return tests.SpecDescriptorsTest(bundle), nil
	case tests.OLMStatusDescriptorsTest:
		return tests.StatusDescriptorsTest(bundle), nil
	}
	return v1alpha3.TestStatus{}, fmt.Errorf("operator-sdk has no test %s", entrypoint[1])
}
