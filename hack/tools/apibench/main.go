// Measures what a Go client can do: writes the objects of `make bench` into N namespaces, 32 requests in flight, and prints how
// many seconds that took. The same work as io.cgrouppolicy.bench.RawClient.
//
//	apibench -server URL -ca FILE -token FILE [-n 1000] [-prefix bench-go-] [-name go] namespaces|apply|create|delete
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corev1apply "k8s.io/client-go/applyconfigurations/core/v1"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
)

const concurrency = 32

var (
	server = flag.String("server", "", "URL of the API server")
	ca     = flag.String("ca", "", "file with the API server's CA")
	token  = flag.String("token", "", "file with a token")
	n      = flag.Int("n", 1000, "number of namespaces")
	prefix = flag.String("prefix", "bench-go-", "start of the namespaces' names; a number follows")
	name   = flag.String("name", "go", "name of the objects")
)

var labels = map[string]string{"a": "b", "c": "d"}

func limits() (limit, request corev1.ResourceList) {
	return corev1.ResourceList{"memory": resource.MustParse("512Mi")},
		corev1.ResourceList{"cpu": resource.MustParse("100m"), "memory": resource.MustParse("128Mi")}
}

func hard() corev1.ResourceList {
	return corev1.ResourceList{
		"limits.memory":   resource.MustParse("80Gi"),
		"pods":            resource.MustParse("200"),
		"requests.cpu":    resource.MustParse("20"),
		"requests.memory": resource.MustParse("40Gi"),
	}
}

func createNamespace(ctx context.Context, client corev1client.CoreV1Interface, namespace string) error {
	object := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}
	_, err := client.Namespaces().Create(ctx, object, metav1.CreateOptions{})
	return err
}

func apply(ctx context.Context, client corev1client.CoreV1Interface, namespace string) error {
	limit, request := limits()
	options := metav1.ApplyOptions{FieldManager: "raw", Force: true}
	limitRange := corev1apply.LimitRange(*name, namespace).WithLabels(labels).WithSpec(
		corev1apply.LimitRangeSpec().WithLimits(corev1apply.LimitRangeItem().
			WithType(corev1.LimitTypeContainer).WithDefault(limit).WithDefaultRequest(request)))
	if _, err := client.LimitRanges(namespace).Apply(ctx, limitRange, options); err != nil {
		return err
	}
	quota := corev1apply.ResourceQuota(*name, namespace).WithLabels(labels).WithSpec(
		corev1apply.ResourceQuotaSpec().WithHard(hard()))
	_, err := client.ResourceQuotas(namespace).Apply(ctx, quota, options)
	return err
}

func create(ctx context.Context, client corev1client.CoreV1Interface, namespace string) error {
	limit, request := limits()
	meta := metav1.ObjectMeta{Name: *name, Labels: labels}
	options := metav1.CreateOptions{FieldManager: "raw"}
	limitRange := &corev1.LimitRange{ObjectMeta: meta, Spec: corev1.LimitRangeSpec{
		Limits: []corev1.LimitRangeItem{{Type: corev1.LimitTypeContainer, Default: limit, DefaultRequest: request}}}}
	if _, err := client.LimitRanges(namespace).Create(ctx, limitRange, options); err != nil {
		return err
	}
	quota := &corev1.ResourceQuota{ObjectMeta: meta, Spec: corev1.ResourceQuotaSpec{Hard: hard()}}
	_, err := client.ResourceQuotas(namespace).Create(ctx, quota, options)
	return err
}

func remove(ctx context.Context, client corev1client.CoreV1Interface, namespace string) error {
	if err := client.ResourceQuotas(namespace).Delete(ctx, *name, metav1.DeleteOptions{}); err != nil {
		return err
	}
	return client.LimitRanges(namespace).Delete(ctx, *name, metav1.DeleteOptions{})
}

// run does the work in all namespaces, and returns at the first failure.
func run(work func(context.Context, corev1client.CoreV1Interface, string) error) (time.Duration, error) {
	client, err := corev1client.NewForConfig(&rest.Config{
		Host:            *server,
		BearerTokenFile: *token,
		TLSClientConfig: rest.TLSClientConfig{CAFile: *ca},
		QPS:             -1, // no limit of the client's
		ContentConfig: rest.ContentConfig{
			ContentType:        "application/vnd.kubernetes.protobuf",
			AcceptContentTypes: "application/vnd.kubernetes.protobuf,application/json",
		},
	})
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	var next atomic.Int64
	var workers sync.WaitGroup
	start := time.Now()
	for range concurrency {
		workers.Go(func() {
			for i := next.Add(1); i <= int64(*n) && ctx.Err() == nil; i = next.Add(1) {
				if err := work(ctx, client, fmt.Sprint(*prefix, i-1)); err != nil {
					cancel(err)
				}
			}
		})
	}
	workers.Wait()
	return time.Since(start), context.Cause(ctx)
}

func main() {
	flag.Parse()
	work := map[string]func(context.Context, corev1client.CoreV1Interface, string) error{
		"namespaces": createNamespace, "apply": apply, "create": create, "delete": remove,
	}[flag.Arg(0)]
	if work == nil || flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	took, err := run(work)
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
	fmt.Println(took.Seconds())
}
