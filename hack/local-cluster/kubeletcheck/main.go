// Command kubeletcheck says what the kubelet of the pinned Kubernetes version makes of a KubeletConfiguration.
//
//	kubeletcheck            reads configurations, one JSON object a line, and prints one JSON object a line: what was wrong
//	kubeletcheck fields     prints every field of KubeletConfiguration v1beta1 and every feature gate
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sort"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	cliflag "k8s.io/component-base/cli/flag"
	logsapi "k8s.io/component-base/logs/api/v1"
	_ "k8s.io/component-base/logs/json/register"
	metricsfeatures "k8s.io/component-base/metrics/features"
	"k8s.io/klog/v2"
	"k8s.io/kubelet/config/v1beta1"
	_ "k8s.io/kubernetes/pkg/features"
	"k8s.io/kubernetes/pkg/kubelet/apis/config"
	"k8s.io/kubernetes/pkg/kubelet/apis/config/scheme"
	kubeletv1beta1 "k8s.io/kubernetes/pkg/kubelet/apis/config/v1beta1"
	"k8s.io/kubernetes/pkg/kubelet/apis/config/validation"
	"k8s.io/kubernetes/pkg/kubelet/cm"
	"k8s.io/kubernetes/pkg/kubelet/cm/cpumanager"
	"k8s.io/kubernetes/pkg/kubelet/cm/memorymanager"
	"k8s.io/kubernetes/pkg/kubelet/eviction"
	"k8s.io/kubernetes/pkg/kubelet/kubeletconfig/util/codec"
	"k8s.io/kubernetes/pkg/kubelet/logs"
)

// Verdict is what strict decoding says, and what a kubelet says that gets the configuration with --config and, if that
// is something else, as a drop-in of --config-dir over the defaults.
type verdict struct {
	Strict string `json:"strict,omitempty"`
	Loaded
	DropIn Loaded `json:"dropIn"`
}

// Loaded is why a kubelet does not start, or the configuration that it has in force.
type Loaded struct {
	Refused []string `json:"refused,omitempty"`
	Configz any      `json:"configz,omitempty"`
}

func main() {
	klog.LogToStderr(false)
	klog.SetOutput(io.Discard) // a kubelet logs what it ignores
	if len(os.Args) > 1 && os.Args[1] == "fields" {
		printFields()
		return
	}
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 16<<20)
	out := json.NewEncoder(os.Stdout)
	for in.Scan() {
		if err := out.Encode(check(in.Bytes())); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	if err := in.Err(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// The gates that cmd/kubelet/app and pkg/kubelet/server add to those of pkg/features.
func init() {
	utilruntime.Must(logsapi.AddFeatureGates(utilfeature.DefaultMutableFeatureGate))
	utilruntime.Must(metricsfeatures.AddFeatureGates(utilfeature.DefaultMutableFeatureGate))
}

var kubeletScheme, codecs, _ = scheme.NewSchemeAndCodecs(serializer.EnableStrict)

func check(configuration []byte) (v verdict) {
	// A panic is in the verdict below.
	func() {
		defer func() { _ = recover() }()
		if _, _, err := codecs.UniversalDecoder().Decode(configuration, nil, nil); err != nil {
			v.Strict = err.Error()
		}
	}()
	v.Loaded = start(func() (*config.KubeletConfiguration, error) { return loadFile(configuration) })
	v.DropIn = start(func() (*config.KubeletConfiguration, error) { return mergeDropIn(configuration) })
	return v
}

// LoadFile is loadConfigFile of cmd/kubelet/app/server.go without the file.
func loadFile(configuration []byte) (*config.KubeletConfiguration, error) {
	kc, err := codec.DecodeKubeletConfiguration(context.Background(), codecs, configuration)
	if err != nil {
		return nil, err
	}
	if kc.EvictionHard == nil {
		kc.EvictionHard = eviction.DefaultEvictionHard
	} else if kc.MergeDefaultEvictionSettings {
		for signal, threshold := range eviction.DefaultEvictionHard {
			if _, ok := kc.EvictionHard[signal]; !ok {
				kc.EvictionHard[signal] = threshold
			}
		}
	}
	return kc, nil
}

// MergeDropIn is mergeKubeletConfigurations of cmd/kubelet/app/server.go for one file over a file with nothing set.
func mergeDropIn(configuration []byte) (*config.KubeletConfiguration, error) {
	base, err := loadFile([]byte(`{"apiVersion":"kubelet.config.k8s.io/v1beta1","kind":"KubeletConfiguration"}`))
	if err != nil {
		return nil, err
	}
	versioned, internal := &v1beta1.KubeletConfiguration{}, &config.KubeletConfiguration{}
	err = kubeletScheme.Convert(base, versioned, nil)
	if err != nil {
		return nil, err
	}
	merged, err := json.Marshal(versioned)
	if err == nil {
		merged, err = jsonpatch.MergePatch(merged, configuration)
	}
	versioned = &v1beta1.KubeletConfiguration{}
	if err == nil {
		err = json.Unmarshal(merged, versioned)
	}
	if err != nil {
		return nil, err
	}
	kubeletv1beta1.SetDefaults_KubeletConfiguration(versioned)
	return internal, kubeletScheme.Convert(versioned, internal, nil)
}

// Start checks what a kubelet checks while it starts, as far as that needs no machine.
func start(load func() (*config.KubeletConfiguration, error)) (l Loaded) {
	defer func() {
		// SetDefaults_KubeletConfiguration panics on feature gates that it does not know.
		if r := recover(); r != nil {
			l = Loaded{Refused: []string{fmt.Sprint(r)}}
		}
	}()
	kc, err := load()
	if err != nil {
		return Loaded{Refused: []string{err.Error()}}
	}
	versioned := &v1beta1.KubeletConfiguration{}
	if err := kubeletScheme.Convert(kc.DeepCopy(), versioned, nil); err == nil {
		l.Configz = versioned
	}
	// This machine's own cgroup version is no property of the configuration.
	kc.FailCgroupV1, kc.SingleProcessOOMKill = false, nil
	l.Refused = messages(validation.ValidateKubeletConfiguration(kc, utilfeature.DefaultFeatureGate))
	refuse := func(err error) {
		if err != nil {
			l.Refused = append(l.Refused, err.Error())
		}
	}
	refuse(reserved("--system-reserved", kc.SystemReserved))
	refuse(reserved("--kube-reserved", kc.KubeReserved))
	_, err = eviction.ParseThresholdConfig(nil, kc.EvictionHard, kc.EvictionSoft, kc.EvictionSoftGracePeriod, kc.EvictionMinimumReclaim)
	refuse(err)
	_, err = cm.ParseQOSReserved(kc.QOSReserved)
	refuse(err)
	_, err = cliflag.TLSCipherSuites(kc.TLSCipherSuites)
	refuse(err)
	_, err = cliflag.TLSVersion(kc.TLSMinVersion)
	refuse(err)
	_, err = cliflag.TLSCurvePreferences(kc.TLSCurvePreferences)
	refuse(err)
	if kc.ContainerLogMaxFiles > 1 {
		_, err = logs.NewContainerLogManager(nil, nil, kc.ContainerLogMaxSize, int(kc.ContainerLogMaxFiles), 1, kc.ContainerLogMonitorInterval)
		refuse(err)
	}
	// The managers' own checks need a machine, except for these.
	oneOf := func(field, value string, values ...string) {
		if !slices.Contains(values, value) {
			refuse(fmt.Errorf("unknown %s: %q", field, value))
		}
	}
	oneOf("cpuManagerPolicy", kc.CPUManagerPolicy, string(cpumanager.PolicyNone), string(cpumanager.PolicyStatic))
	oneOf("memoryManagerPolicy", kc.MemoryManagerPolicy, v1beta1.NoneMemoryManagerPolicy, string(memorymanager.PolicyTypeStatic))
	oneOf("authorization.mode", string(kc.Authorization.Mode),
		string(config.KubeletAuthorizationModeAlwaysAllow), string(config.KubeletAuthorizationModeWebhook))
	oneOf("configMapAndSecretChangeDetectionStrategy", string(kc.ConfigMapAndSecretChangeDetectionStrategy),
		string(config.WatchChangeDetectionStrategy), string(config.TTLCacheChangeDetectionStrategy), string(config.GetChangeDetectionStrategy))
	return l
}

func messages(err error) []string {
	var aggregate utilerrors.Aggregate
	if err == nil {
		return nil
	} else if !errors.As(err, &aggregate) {
		return []string{err.Error()}
	}
	var all []string
	for _, e := range aggregate.Errors() {
		all = append(all, e.Error())
	}
	return all
}

// Reserved is parseResourceList of cmd/kubelet/app/server.go, which is not exported.
func reserved(flag string, list map[string]string) error {
	var all []error
	for name, value := range list {
		switch name {
		case "cpu", "memory", "ephemeral-storage", "pid":
			quantity, err := resource.ParseQuantity(value)
			if err != nil {
				all = append(all, fmt.Errorf("%s value failed to parse: %q for %q: %v", flag, value, name, err))
			} else if quantity.Sign() == -1 {
				all = append(all, fmt.Errorf("%s value failed to parse: %q cannot be negative: %v", flag, name, value))
			}
		default:
			all = append(all, fmt.Errorf("%s value failed to parse: cannot reserve %q resource", flag, name))
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Error() < all[j].Error() })
	return errors.Join(all...)
}
