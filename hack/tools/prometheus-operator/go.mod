// No program: only files are taken from this module, its CRDs. So `go mod tidy` would empty this file.
module cgroup-policy.io/tools/prometheus-operator

go 1.26

require github.com/prometheus-operator/prometheus-operator v0.85.0
