package main

import (
	"context"
	"fmt"
	"os"

	"github.com/argoproj/argo-cd/gitops-engine/pkg/cache"
	"github.com/argoproj/argo-cd/gitops-engine/pkg/diff"
	"github.com/argoproj/argo-cd/gitops-engine/pkg/health"
	"github.com/argoproj/argo-cd/gitops-engine/pkg/sync"
	"github.com/argoproj/argo-cd/gitops-engine/pkg/utils/kube"
	"github.com/argoproj/argo-cd/gitops-engine/pkg/utils/tracing"
	"github.com/argoproj/argo-cd/v3/common"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/util/argo"
	argodiff "github.com/argoproj/argo-cd/v3/util/argo/diff"
	"github.com/argoproj/argo-cd/v3/util/argo/normalizers"
	"github.com/argoproj/argo-cd/v3/util/lua"
	"github.com/argoproj/argo-cd/v3/util/settings"
	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	cmdutil "k8s.io/kubectl/pkg/cmd/util"
	"sigs.k8s.io/yaml"
)

// Argo CD's settings, read by its own code from a ConfigMap argocd-cm in a file.
func settingsOf(file, method string) (*settings.SettingsManager, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	configMap := &corev1.ConfigMap{}
	if err := yaml.UnmarshalStrict(text, configMap); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if method != "" {
		configMap.Data["application.resourceTrackingMethod"] = method
	}
	secret := &corev1.Secret{Data: map[string][]byte{"server.secretkey": []byte("of a test")}}
	secret.Name, secret.Namespace, secret.Labels = common.ArgoCDSecretName, configMap.Namespace, configMap.Labels
	manager := settings.NewSettingsManager(context.Background(), fake.NewClientset(configMap, secret), configMap.Namespace)
	return manager, manager.ResyncInformers()
}

// An application whose desired state is in files, and the cluster that it is in.
type application struct {
	name      string
	targets   []*unstructured.Unstructured
	config    *rest.Config
	kubectl   *kube.KubectlCmd
	overrides map[string]v1alpha1.ResourceOverride
	labelKey  string
	method    string
	id        string
	filter    *settings.ResourcesFilter
}

func open(kubeconfig, configMap, method, name string, files []string) (*application, error) {
	manager, err := settingsOf(configMap, method)
	if err != nil {
		return nil, err
	}
	a := &application{name: name, kubectl: &kube.KubectlCmd{Log: logr.Discard(), Tracer: tracing.NopTracer{}}}
	if a.config, err = clientcmd.BuildConfigFromFlags("", kubeconfig); err != nil {
		return nil, err
	}
	a.config.QPS, a.config.Burst = 1000, 1000
	if a.overrides, err = manager.GetResourceOverrides(); err != nil {
		return nil, err
	}
	if a.labelKey, err = manager.GetAppInstanceLabelKey(); err != nil {
		return nil, err
	}
	if a.method, err = manager.GetTrackingMethod(); err != nil {
		return nil, err
	}
	if a.id, err = manager.GetInstallationID(); err != nil {
		return nil, err
	}
	if a.filter, err = manager.GetResourcesFilter(); err != nil {
		return nil, err
	}
	tracking := argo.NewResourceTracking()
	for _, file := range files {
		target, err := read(file)
		if err != nil {
			return nil, err
		}
		err = tracking.SetAppInstance(target, a.labelKey, name, "", v1alpha1.TrackingMethod(a.method), a.id)
		if err != nil {
			return nil, err
		}
		a.targets = append(a.targets, target)
	}
	return a, nil
}

// Applies as a sync with the option ServerSideApply=true does.
func (a *application) sync() error {
	operations, cleanup, err := a.kubectl.ManageResources(a.config)
	if err != nil {
		return err
	}
	defer cleanup()
	for _, target := range a.targets {
		_, err := operations.ApplyResource(context.Background(), target, cmdutil.DryRunNone, false, true, true,
			common.ArgoCDSSAManager)
		if err != nil {
			return err
		}
		key := kube.GetResourceKey(target)
		if err := print(map[string]any{"applied": key.String()}); err != nil {
			return err
		}
	}
	return nil
}

// What Argo CD's cache keeps of a resource, as far as it matters here.
type resource struct {
	app    string
	health *health.HealthStatus
}

func app(r *cache.Resource) string {
	if known, ok := r.Info.(*resource); ok {
		return known.app
	}
	return ""
}

// The cache of a cluster, filled as Argo CD's controller fills it: an object is an application's by its tracking mark,
// unless it has an owner.
func (a *application) cache() (cache.ClusterCache, error) {
	tracking := argo.NewResourceTracking()
	overrides := lua.ResourceHealthOverrides(a.overrides)
	cluster := cache.NewClusterCache(a.config,
		cache.SetLogr(logr.Discard()),
		cache.SetKubectl(a.kubectl),
		cache.SetSettings(cache.Settings{ResourceHealthOverride: overrides, ResourcesFilter: a.filter}),
		cache.SetPopulateResourceInfoHandler(func(un *unstructured.Unstructured, isRoot bool) (any, bool) {
			known := &resource{}
			known.health, _ = health.GetResourceHealth(un, overrides)
			name := tracking.GetAppName(un, a.labelKey, v1alpha1.TrackingMethod(a.method), a.id)
			if isRoot && name != "" {
				known.app = name
			}
			return known, known.app != "" || un.GetKind() == kube.CustomResourceDefinitionKind
		}))
	return cluster, cluster.EnsureSynced()
}

// Follows appStateManager.CompareAppState of Argo CD's controller, with server-side diff.
func (a *application) compare() error {
	cluster, err := a.cache()
	if err != nil {
		return err
	}
	live, err := cluster.GetManagedLiveObjs(a.targets, func(r *cache.Resource) bool { return app(r) == a.name })
	if err != nil {
		return err
	}
	pairs := sync.Reconcile(a.targets, live, "", cluster)
	applier, cleanup, err := a.kubectl.ManageServerSideDiffDryRuns(a.config)
	if err != nil {
		return err
	}
	defer cleanup()
	how, err := argodiff.NewDiffConfigBuilder().
		WithDiffSettings(nil, a.overrides, false, normalizers.IgnoreNormalizerOpts{}).
		WithTracking(a.labelKey, a.method).
		WithNoCache().
		WithGVKParser(cluster.GetGVKParser()).
		WithManager(common.ArgoCDSSAManager).
		WithServerSideDiff(true).
		WithServerSideDryRunner(diff.NewK8sServerSideDryRunner(applier)).
		WithStructuredMergeDiff(true).
		Build()
	if err != nil {
		return err
	}
	diffs, err := argodiff.StateDiffs(pairs.Live, pairs.Target, how)
	if err != nil {
		return err
	}
	var roots []kube.ResourceKey
	for i, target := range pairs.Target {
		object, status := target, "Synced"
		switch {
		case target == nil:
			object, status = pairs.Live[i], "Prunable"
		case pairs.Live[i] == nil:
			status = "Missing"
		case diffs.Diffs[i].Modified:
			status = "OutOfSync"
		}
		key := kube.GetResourceKey(object)
		roots = append(roots, key)
		line := map[string]any{"resource": key.String(), "sync": status}
		if status == "OutOfSync" {
			line["live"], line["predicted"] = string(diffs.Diffs[i].NormalizedLive), string(diffs.Diffs[i].PredictedLive)
		}
		if err := print(line); err != nil {
			return err
		}
	}
	return a.tree(cluster, roots)
}

// The resources that are shown below the application's.
func (a *application) tree(cluster cache.ClusterCache, roots []kube.ResourceKey) error {
	shown := map[kube.ResourceKey]bool{}
	for _, root := range roots {
		shown[root] = true
	}
	var failure error
	cluster.IterateHierarchyV2(roots, func(r *cache.Resource, _ map[kube.ResourceKey]*cache.Resource) bool {
		key := r.ResourceKey()
		if !shown[key] {
			shown[key] = true
			line := map[string]any{"child": key.String(), "app": app(r)}
			if err := print(line); err != nil {
				failure = err
			}
		}
		return true
	})
	return failure
}
