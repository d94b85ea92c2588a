# JDK 25: JAVA_HOME if it is new enough, otherwise one that is found. Targets that need it fail with a message if there is none.
GIVEN_JAVA_HOME := $(JAVA_HOME)
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
JDK := $(shell hack/find-jdk.sh 2>/dev/null)
export JAVA_HOME := $(JDK)
export JAVA := $(JDK)/bin/java
MVN := mvn -B -ntp -q
N ?= 1000 5000 10000
KUBELETS ?= 1000 5000
PODS ?= 10000 50000
AUDIT ?= 5000
CASES ?= 100000
# The class path of programs among the operator's tests: benchmarks, simulated kubelets.
TESTS = operator/target/test-classes:operator/target/classes:$$(cat operator/target/test.classpath)
# Runs such a program with the log manager that the operator has.
TEST_JAVA = $(JAVA) -Djava.util.logging.manager=org.jboss.logmanager.LogManager -cp "$(TESTS)"
# The class path of the programs that generate what is shipped.
DELIVERY = delivery/target/classes:$$(cat delivery/target/test.classpath)
CLUSTER := hack/local-cluster/cluster.sh

.DEFAULT_GOAL := help
.PHONY: help jdk build build-tests build-cli build-all run demo demo-node test test-report bench chaos histories fuzz upgrade soak e2e manifests bundle check tools sbom verify image release cli cluster-up cluster-down node-up node-down node-ssh format clean

help: ## show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

jdk:
	@JAVA_HOME='$(GIVEN_JAVA_HOME)' hack/prerequisites.sh

build: jdk ## compile and package the operator into operator/target/quarkus-app
	@$(MVN) package -pl operator -Dmaven.test.skip=true

# The class path of a module, for programs that run without Maven.
CLASSPATH := dependency:build-classpath -DincludeScope=test -Dmdep.outputFile=target/test.classpath

build-tests: jdk # also compile its tests: the demo, 'make run' and the benchmark use their simulated kubelets
	@$(MVN) package -pl operator -DskipTests $(CLASSPATH)

build-cli: jdk # the command line without a runtime of its own, and the tests of the operator
	@$(MVN) package -pl operator,cli -DskipTests $(CLASSPATH)

build-all: jdk # also build the programs that generate what is shipped
	$(MVN) package -DskipTests $(CLASSPATH)

run: $(if $(CLUSTER_KUBECONFIG),build,build-tests) ## run the operator in the foreground, on the local cluster or that of CLUSTER_KUBECONFIG
	@exec hack/run.sh

demo: build-cli ## show the main features on a temporary control plane
	@hack/demo.sh

demo-node: build ## show on a real node, in a virtual machine, that the kernel does what a policy says: hack/lab-node
	@hack/demo-node.sh

test: jdk ## run all tests on a local control plane, or on the cluster of CLUSTER_KUBECONFIG=path
	$(CLUSTER) build
	mvn -B -ntp verify $(if $(CLUSTER_KUBECONFIG),"-Dcluster.kubeconfig=$(CLUSTER_KUBECONFIG)")

test-report: build-cli ## open the HTML report in a browser, and use it by the keyboard; CHROMIUM=path; screenshots are in target/report
	@hack/report/test.sh

bench: build-tests $(if $(AUDIT),cli) ## measure N="1000 5000 10000" namespaces, KUBELETS="1000 5000", PODS="10000 50000" and AUDIT="5000" namespaces; each may be empty
	for n in $(N); do $(JAVA) -cp "$(TESTS)" io.cgrouppolicy.bench.Bench $$n; done
	for n in $(KUBELETS); do $(JAVA) -cp "$(TESTS)" io.cgrouppolicy.bench.KubeletBench $$n; done
	for n in $(PODS); do $(JAVA) -cp "$(TESTS)" io.cgrouppolicy.bench.PodBench $$n; done
	for n in $(AUDIT); do $(JAVA) -cp "$(TESTS)" io.cgrouppolicy.bench.AuditBench $$n; done

chaos: build-tests ## break things while the operator works; SEED=number to repeat a run, FAULTS="kill-leader ..." to choose, SHORT=true
	$(CLUSTER) build
	SEED='$(SEED)' FAULTS='$(FAULTS)' SHORT='$(SHORT)' $(JAVA) -Dit.directory=target/chaos -cp "$(TESTS)" io.cgrouppolicy.chaos.Chaos
	$(if $(FAULTS),,$(JAVA) -Dit.directory=target/upgrade -cp "$(TESTS)" io.cgrouppolicy.upgrade.Upgrade)

upgrade: build-tests ## upgrade a temporary control plane from the previous release and back, as the last row of 'make chaos'
	$(CLUSTER) build
	$(JAVA) -Dit.directory=target/upgrade -cp "$(TESTS)" io.cgrouppolicy.upgrade.Upgrade

fuzz: build-tests ## fuzz policies and kubelets' answers with CASES=100000 inputs each, from SEED=1; findings are in target/fuzz
	rm -rf target/fuzz/corpus
	$(TEST_JAVA) io.cgrouppolicy.fuzz.Seeds target/fuzz/corpus $(or $(SEED),1)
	for target in PolicyFuzz KubeletFuzz; do \
	  mkdir -p target/fuzz/$$target; \
	  $(TEST_JAVA) com.code_intelligence.jazzer.Jazzer \
	    --target_class=io.cgrouppolicy.fuzz.$$target --instrumentation_includes='io.cgrouppolicy.**:com.fasterxml.jackson.core.**' \
	    --reproducer_path=target/fuzz/$$target -artifact_prefix=target/fuzz/$$target/ \
	    -runs=$(CASES) -seed=$(or $(SEED),1) -timeout=120 -rss_limit_mb=0 target/fuzz/corpus/$$target; \
	done
	$(TEST_JAVA) io.cgrouppolicy.fuzz.HttpFuzz $$(($(CASES) / 20)) $(or $(SEED),1)

histories: N = 1000
histories: STEPS = 200
histories: build-tests ## run N=1000 random histories of up to STEPS=200 operations, and print those that fail as tests; N=1 SEED=number repeats one
	$(CLUSTER) build
	$(TEST_JAVA) -Dit.directory=target/histories io.cgrouppolicy.chaos.Histories $(N) "$(SEED)" $(STEPS)

soak: build-tests ## change objects for MINUTES=60, and check that what the operator takes does not grow; SEED=number
	$(CLUSTER) build
	MINUTES='$(MINUTES)' SEED='$(SEED)' $(JAVA) -Dit.directory=target/soak -cp "$(TESTS)" io.cgrouppolicy.chaos.Soak

manifests: build-all ## write the generated files: CRD, chart files, bundle, parts of docs/
	$(JAVA) -cp "$(DELIVERY)" io.cgrouppolicy.delivery.Manifests write

bundle: build-all ## write an OLM bundle for a release; BUNDLE_DIR=path IMAGE=registry/name@sha256:... BUNDLE_IMAGE=registry/name to push it
	@$(JAVA) -cp "$(DELIVERY)" io.cgrouppolicy.delivery.olm.BundleProgram

release: build-all sbom ## write the files of a release to target/release, without publishing; IMAGE=registry/name@sha256:... or tar:PATH from 'make image'; CLI=directory with archives of 'make cli'
	@$(JAVA) -cp "$(DELIVERY)" io.cgrouppolicy.delivery.release.ReleaseProgram

check: build-all ## check that sources are formatted and generated files are up to date
	$(MVN) spotless:check
	@! grep -rPzo '///[^\n]*\n *// [^\n]*' --include='*.java' operator/src cli/src delivery/src | tr '\0' '\n' | grep . \
	  || { echo "error: the formatter split these doc comments, because their lines are too long" >&2; exit 1; }
	$(JAVA) -cp "$(DELIVERY)" io.cgrouppolicy.delivery.Manifests check

tools: ## build the tools that 'make verify' needs, once, into the cache
	hack/tools/tools.sh build

sbom: build ## write the operator's CycloneDX bill of materials to target/sbom
	$(MVN) cyclonedx:makeBom -pl operator

verify: jdk tools sbom cli ## run the gates that need tools: chart, bundle, monitoring, Argo CD, krew
	$(CLUSTER) build
	mvn -B -ntp verify -Pgates
	hack/reproducible-test.sh

image: build-all ## build the image: BASE_IMAGE=an image with Java 25; IMAGE=REGISTRY/cgroup-policy-operator to push it, or IMAGE=tar:PATH; AOT=true for a faster start
	@$(JAVA) -Djava.util.logging.manager=org.jboss.logmanager.LogManager -cp "$(DELIVERY)" io.cgrouppolicy.delivery.image.OperatorImage

cli: build-cli ## build the command line kubectl-cgp for this platform, with a Java runtime of its own: target/cli
	@hack/cli/build.sh

cluster-up: ## start a local control plane, and print how to reach it
	@$(CLUSTER) up

cluster-down: ## stop the local control plane
	@$(CLUSTER) down

e2e: jdk ## run the tests on a real node, in a virtual machine: hack/lab-node
	hack/lab-node/node.sh build
	mvn -B -ntp verify -Pnode

node-up: ## start a local control plane with a real node, in a virtual machine: hack/lab-node
	@hack/lab-node/node.sh up

node-down: ## stop them
	@hack/lab-node/node.sh down

node-ssh: ## open a shell in the node
	@hack/lab-node/node.sh ssh

format: jdk ## format the sources
	$(MVN) spotless:apply

clean: ## remove build results; the control plane's programs stay in the cache
	rm -rf target operator/target cli/target delivery/target
