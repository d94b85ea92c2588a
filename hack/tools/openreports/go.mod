// No program: only files are taken from this module, its CRDs. So `go mod tidy` would empty this file.
module cgroup-policy.io/tools/openreports

go 1.26

require github.com/openreports/reports-api v0.2.1
