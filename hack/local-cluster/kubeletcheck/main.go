// Command kubeletcheck says what the kubelet of the pinned Kubernetes version makes of a KubeletConfiguration.
//
//	kubeletcheck            reads drop-ins, one JSON object a line, and prints one JSON object a line: what was wrong
//	kubeletcheck fields     prints every field of KubeletConfiguration v1beta1 with its type
//
// A drop-in is taken as a kubelet takes it from --config-dir: merged over the defaults, defaulted again, validated
// (mergeKubeletConfigurations and NewKubeletCommand in cmd/kubelet/app/server.go).
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"sort"
	"strings"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	_ "k8s.io/component-base/logs/json/register"
	"k8s.io/kubelet/config/v1beta1"
	_ "k8s.io/kubernetes/pkg/features"
	"k8s.io/kubernetes/pkg/kubelet/apis/config"
	"k8s.io/kubernetes/pkg/kubelet/apis/config/scheme"
	kubeletv1beta1 "k8s.io/kubernetes/pkg/kubelet/apis/config/v1beta1"
	"k8s.io/kubernetes/pkg/kubelet/apis/config/validation"
	"k8s.io/kubernetes/pkg/kubelet/eviction"
)

// Verdict tells apart what strict decoding, decoding and validation say.
type verdict struct {
	Strict   string   `json:"strict,omitempty"`
	Decoding string   `json:"decoding,omitempty"`
	Refused  []string `json:"refused,omitempty"`
	Configz  any      `json:"configz,omitempty"`
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "fields" {
		defaults := &v1beta1.KubeletConfiguration{}
		kubeletv1beta1.SetDefaults_KubeletConfiguration(defaults)
		seen := map[string]bool{}
		fields("", reflect.ValueOf(*defaults), func(line string) {
			if !seen[line] {
				fmt.Println(line)
			}
			seen[line] = true
		})
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

func check(dropIn []byte) (v verdict) {
	defer func() {
		// SetDefaults_KubeletConfiguration panics on feature gates that it does not know.
		if r := recover(); r != nil {
			v.Decoding = fmt.Sprint(r)
		}
	}()
	kubeletScheme, codecs, err := scheme.NewSchemeAndCodecs(serializer.EnableStrict)
	if err != nil {
		return verdict{Decoding: err.Error()}
	}
	// As a file of its own, decoded strictly: this is where a mistyped key shows.
	if _, _, err := codecs.UniversalDecoder().Decode(dropIn, nil, nil); err != nil {
		v.Strict = err.Error()
		if !runtime.IsStrictDecodingError(err) {
			v.Decoding = err.Error()
			return v
		}
	}
	base := &v1beta1.KubeletConfiguration{}
	kubeletScheme.Default(base)
	baseJSON, err := json.Marshal(base)
	if err == nil {
		baseJSON, err = jsonpatch.MergePatch(baseJSON, dropIn)
	}
	merged := &v1beta1.KubeletConfiguration{}
	if err == nil {
		err = json.Unmarshal(baseJSON, merged)
	}
	if err != nil {
		v.Decoding = err.Error()
		return v
	}
	kubeletv1beta1.SetDefaults_KubeletConfiguration(merged)
	internal := &config.KubeletConfiguration{}
	if err := kubeletScheme.Convert(merged, internal, nil); err != nil {
		v.Decoding = err.Error()
		return v
	}
	// This machine's own cgroup version is no property of the file.
	internal.FailCgroupV1 = false
	v.Refused = messages(validation.ValidateKubeletConfiguration(internal, utilfeature.DefaultFeatureGate))
	v.Refused = append(v.Refused, reserved("--system-reserved", merged.SystemReserved)...)
	v.Refused = append(v.Refused, reserved("--kube-reserved", merged.KubeReserved)...)
	if _, err := eviction.ParseThresholdConfig(nil, internal.EvictionHard, internal.EvictionSoft, internal.EvictionSoftGracePeriod, internal.EvictionMinimumReclaim); err != nil {
		v.Refused = append(v.Refused, err.Error())
	}
	versioned := &v1beta1.KubeletConfiguration{}
	if err := kubeletScheme.Convert(internal, versioned, nil); err == nil {
		v.Configz = versioned
	}
	return v
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
func reserved(flag string, list map[string]string) []string {
	var all []string
	for name, value := range list {
		switch name {
		case "cpu", "memory", "ephemeral-storage", "pid":
			quantity, err := resource.ParseQuantity(value)
			if err != nil {
				all = append(all, fmt.Sprintf("%s value failed to parse: %q for %q: %v", flag, value, name, err))
			} else if quantity.Sign() == -1 {
				all = append(all, fmt.Sprintf("%s value failed to parse: %q cannot be negative: %v", flag, name, value))
			}
		default:
			all = append(all, fmt.Sprintf("%s value failed to parse: cannot reserve %q resource", flag, name))
		}
	}
	sort.Strings(all)
	return all
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
