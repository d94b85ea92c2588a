package main

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"sort"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	cliflag "k8s.io/component-base/cli/flag"
	"k8s.io/component-base/featuregate"
	"k8s.io/kubelet/config/v1beta1"
	kubeletv1beta1 "k8s.io/kubernetes/pkg/kubelet/apis/config/v1beta1"
	"k8s.io/kubernetes/pkg/kubelet/kubeletconfig"
	kubetypes "k8s.io/kubernetes/pkg/kubelet/types"
)

// Unset is what a kubelet does while a field is unset and therefore not in its /configz: defaults that are not in
// SetDefaults_KubeletConfiguration, with the first version that behaves so if not all do.
var unset = map[string]string{
	// isSwapAllowed and GetContainerSwapBehavior in pkg/kubelet/kuberuntime/kuberuntime_container_linux.go; before
	// 1.30 it was LimitedSwap.
	"memorySwap.swapBehavior": quoted(string(kubetypes.NoSwap)) + " since=1.30",
	// NewMainKubelet in pkg/kubelet/kubelet.go; only for cgroup v2, where containers are killed as a whole since 1.28.
	"singleProcessOOMKill": "false since=1.28",
	// InitializeTLS in cmd/kubelet/app/server.go.
	"tlsMinVersion": quoted(tlsDefault()),
	// NewMainKubelet: without the feature gate KubeletCrashLoopBackOffMax the field is left out.
	"crashLoopBackOff.maxContainerRestartPeriod": quoted(kubeletv1beta1.MaxContainerBackOff.String()),
	// MakeUserNsManager in pkg/kubelet/userns/userns_manager.go.
	"userNamespaces.idsPerPod": fmt.Sprint(kubeletconfig.DefaultKubeletUserNamespacesIDsPerPod),
	// newTracerProvider in cmd/kubelet/app/server.go: without a configuration nothing is sampled.
	"tracing.samplingRatePerMillion": "0",
}

func quoted(text string) string {
	return fmt.Sprintf("%q", text)
}

func tlsDefault() string {
	for _, name := range cliflag.TLSPossibleVersions() {
		if version, err := cliflag.TLSVersion(name); err == nil && version == cliflag.DefaultTLSVersion() {
			return name
		}
	}
	panic("no name for the default TLS version")
}

// Allowed has the values of fields that depend on the version of Go.
var allowed = map[string][]string{
	"tlsCipherSuites[]":     cliflag.TLSCipherPossibleValues(),
	"tlsMinVersion":         cliflag.TLSPossibleVersions(),
	"tlsCurvePreferences[]": tlsCurves(),
}

func tlsCurves() (ids []string) {
	for id := int32(1); id <= math.MaxUint16; id++ {
		if _, err := cliflag.TLSCurvePreferences([]int32{id}); err == nil {
			ids = append(ids, fmt.Sprint(id))
		}
	}
	return ids
}

func printFields() {
	defaults := &v1beta1.KubeletConfiguration{}
	kubeletv1beta1.SetDefaults_KubeletConfiguration(defaults)
	kc, err := loadFile([]byte(`{"apiVersion":"kubelet.config.k8s.io/v1beta1","kind":"KubeletConfiguration"}`))
	configz := &v1beta1.KubeletConfiguration{}
	if err == nil {
		err = kubeletScheme.Convert(kc, configz, nil)
	}
	if err != nil {
		panic(err)
	}
	var reported any
	text, err := json.Marshal(configz)
	if err == nil {
		err = json.Unmarshal(text, &reported)
	}
	if err != nil {
		panic(err)
	}
	seen := map[string]bool{}
	fields("", reflect.ValueOf(*defaults), func(line string) {
		if seen[line] {
			return
		}
		seen[line] = true
		path, _, _ := strings.Cut(line, " ")
		if value, ok := find(reported, strings.Split(path, ".")); ok {
			line += " default=" + value
		}
		if value, ok := unset[path]; ok {
			line += " unset=" + value
		}
		if values, ok := allowed[path]; ok {
			line += " allowed=" + strings.Join(values, ",")
		}
		fmt.Println(line)
	})
	gates()
}

// Find returns the JSON of a scalar, a list or a map with members.
func find(value any, path []string) (string, bool) {
	for _, name := range path {
		members, ok := value.(map[string]any)
		if !ok || members[name] == nil {
			return "", false
		}
		value = members[name]
	}
	if _, ok := value.(map[string]any); ok && path[0] != "evictionHard" {
		return "", false // its members have lines of their own
	}
	text, err := json.Marshal(value)
	return string(text), err == nil
}

// Gates prints a line per feature gate of this version: its stage, its default, whether that is locked, and the gates
// that it needs.
func gates() {
	gate := utilfeature.DefaultMutableFeatureGate.DeepCopy()
	dependencies := gate.Dependencies()
	var lines []string
	for name, spec := range gate.GetAll() {
		line := fmt.Sprintf("featureGates.%s gate stage=%s default=%t", name, stage(spec), spec.Default)
		if spec.LockToDefault {
			line += " locked"
		}
		if needs := dependencies[name]; len(needs) > 0 {
			var names []string
			for _, need := range needs {
				names = append(names, string(need))
			}
			sort.Strings(names)
			line += " needs=" + strings.Join(names, ",")
		}
		lines = append(lines, line)
	}
	sort.Strings(lines)
	for _, line := range lines {
		fmt.Println(line)
	}
}

func stage(spec featuregate.FeatureSpec) string {
	if spec.PreRelease == featuregate.GA {
		return "GA"
	}
	return string(spec.PreRelease)
}

// Fields prints a line per field: its path, its type, and whether it is a pointer, so that absent differs from zero, or
// has a default, so that zero is taken for absent. [] is any element, * any key.
func fields(path string, v reflect.Value, line func(string)) {
	t := v.Type()
	unmarshals := reflect.TypeFor[json.Unmarshaler]()
	leaf := func(kind string) {
		if !v.IsZero() && v.CanInterface() {
			kind += " defaulted"
		}
		line(path + " " + kind)
	}
	switch {
	case t.Kind() == reflect.Pointer:
		fields(path, reflect.Zero(t.Elem()), func(l string) {
			if strings.HasPrefix(l, path+" ") {
				l += " pointer"
			}
			line(l)
		})
	case t == reflect.TypeFor[metav1.Duration]():
		leaf("duration")
	case t == reflect.TypeFor[metav1.Time]():
		leaf("time")
	case t == reflect.TypeFor[resource.Quantity]() || t.Name() == "QuantityValue":
		line(path + " quantity")
	case t.Implements(unmarshals), reflect.PointerTo(t).Implements(unmarshals):
		line(path + " any") // decides by itself what it takes
	case t.Kind() == reflect.Slice:
		line(path + " list")
		fields(path+"[]", reflect.Zero(t.Elem()), line)
	case t.Kind() == reflect.Map:
		line(path + " map")
		fields(path+".*", reflect.Zero(t.Elem()), line)
	case t.Kind() == reflect.Struct:
		if path != "" {
			line(path + " object")
		}
		for i := 0; i < t.NumField(); i++ {
			name, options, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
			if strings.Contains(options, "inline") || name == "" && t.Field(i).Anonymous {
				fields(path, v.Field(i), line)
			} else if name != "" && name != "-" {
				fields(strings.TrimPrefix(path+"."+name, "."), v.Field(i), line)
			}
		}
	default:
		leaf(t.Kind().String())
	}
}
