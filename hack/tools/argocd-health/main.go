// What Argo CD would say and do, by its own code: the health of objects, whether a change of one is ignored, and how a
// live cluster compares with manifests; and what Flux would say. For the gate ArgoGate; Argo CD itself is not needed. Results are JSON, one
// object a line, on stdout.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/argoproj/argo-cd/gitops-engine/pkg/health"
	"github.com/argoproj/argo-cd/v3/util/argo/normalizers"
	"github.com/argoproj/argo-cd/v3/util/lua"
	"github.com/go-logr/logr"
	log "github.com/sirupsen/logrus"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/klog/v2"
	"sigs.k8s.io/yaml"
)

const usage = `usage:
  argocd-health health ARGOCD_CM FILE...          health of each object
  argocd-health kstatus FILE...                   state of each object by kstatus
  argocd-health updates ARGOCD_CM BEFORE AFTER    whether that change of an object refreshes no application
  argocd-health sync KUBECONFIG ARGOCD_CM METHOD APP FILE...
                                                  apply as the sync of an application does
  argocd-health compare KUBECONFIG ARGOCD_CM METHOD APP FILE...
                                                  state of the application, and its tree
ARGOCD_CM is a file with the ConfigMap argocd-cm, METHOD how resources are tracked (annotation, label,
annotation+label), FILE a manifest.`

func main() {
	log.SetLevel(log.ErrorLevel)
	klog.SetLogger(logr.Discard())
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) > 2 && args[0] == "health":
		return healths(args[1], args[2:])
	case len(args) > 1 && args[0] == "kstatus":
		return kstatuses(args[1:])
	case len(args) == 4 && args[0] == "updates":
		return updates(args[1], args[2], args[3])
	case len(args) > 5 && (args[0] == "sync" || args[0] == "compare"):
		a, err := open(args[1], args[2], args[3], args[4], args[5:])
		if err != nil {
			return err
		}
		if args[0] == "sync" {
			return a.sync()
		}
		return a.compare()
	}
	return errors.New(usage)
}

// As the cluster cache has it for each resource that it sees.
func healths(configMap string, files []string) error {
	manager, err := settingsOf(configMap, "")
	if err != nil {
		return err
	}
	overrides, err := manager.GetResourceOverrides()
	if err != nil {
		return err
	}
	for _, file := range files {
		object, err := read(file)
		if err != nil {
			return err
		}
		found, err := health.GetResourceHealth(object, lua.ResourceHealthOverrides(overrides))
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if found == nil { // what Argo CD says of a kind that it does not know
			found = &health.HealthStatus{}
		}
		if err := print(map[string]any{"file": file, "status": found.Status, "message": found.Message}); err != nil {
			return err
		}
	}
	return nil
}

// An update is ignored when what is left of the object by the normalizer is the same, and its health too
// (skipResourceUpdate in Argo CD's controller/cache).
func updates(configMap, before, after string) error {
	manager, err := settingsOf(configMap, "")
	if err != nil {
		return err
	}
	enabled, err := manager.GetIsIgnoreResourceUpdatesEnabled()
	if err != nil {
		return err
	}
	ignored, err := manager.GetIgnoreResourceUpdatesOverrides()
	if err != nil {
		return err
	}
	overrides, err := manager.GetResourceOverrides()
	if err != nil {
		return err
	}
	normalizer, err := normalizers.NewIgnoreNormalizer(nil, ignored, normalizers.IgnoreNormalizerOpts{})
	if err != nil {
		return err
	}
	var manifests, healths []string
	for _, file := range []string{before, after} {
		object, err := read(file)
		if err != nil {
			return err
		}
		found, err := health.GetResourceHealth(object, lua.ResourceHealthOverrides(overrides))
		if err != nil {
			return err
		}
		if found == nil {
			found = &health.HealthStatus{}
		}
		if err := normalizer.Normalize(object); err != nil {
			return err
		}
		text, err := object.MarshalJSON()
		if err != nil {
			return err
		}
		manifests = append(manifests, string(text))
		healths = append(healths, string(found.Status))
	}
	same := manifests[0] == manifests[1] && healths[0] == healths[1]
	return print(map[string]any{"ignored": enabled && same})
}

func read(file string) (*unstructured.Unstructured, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	object := &unstructured.Unstructured{}
	if err := yaml.Unmarshal(text, object); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return object, nil
}

func print(line map[string]any) error {
	text, err := json.Marshal(line)
	if err != nil {
		return err
	}
	_, err = fmt.Println(string(text))
	return err
}
