// Validates a CRD and objects of it with the code of the oldest API server that the operator supports, as go.mod pins it:
//
//	crd-oldest CRD.yaml OBJECT.yaml...
//
// Prints a line for each error, which begins with the file. CEL is limited by its estimated cost, whose estimate differs
// from version to version.
package main

import (
	"context"
	"fmt"
	"os"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	v1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	crdvalidation "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"sigs.k8s.io/yaml"
)

func main() {
	if err := run(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(file string, objects []string) error {
	crd, err := read(file)
	if err != nil {
		return err
	}
	report(file, crdvalidation.ValidateCustomResourceDefinition(context.Background(), crd))
	openAPI := crd.Spec.Validation.OpenAPIV3Schema // of the only version
	structural, err := schema.NewStructural(openAPI)
	if err != nil {
		return err
	}
	validator, _, err := validation.NewSchemaValidator(openAPI)
	if err != nil {
		return err
	}
	rules := cel.NewValidator(structural, true, celconfig.PerCallLimit)
	for _, file := range objects {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		object := map[string]any{}
		text, err = yaml.YAMLToJSON(text)
		if err == nil {
			err = json.Unmarshal(text, &object) // keeps whole numbers whole
		}
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		defaulting.Default(object, structural)
		errors := append(validation.ValidateCustomResource(nil, object, validator), listtype.ValidateListSetsAndMaps(nil, structural, object)...)
		if len(errors) == 0 { // like the API server, which runs no rules on values of a wrong type
			errors, _ = rules.Validate(context.Background(), nil, structural, object, nil, celconfig.RuntimeCELCostBudget)
		}
		report(file, errors)
	}
	return nil
}

func read(file string) (*apiextensions.CustomResourceDefinition, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	crd := &v1.CustomResourceDefinition{}
	if err := yaml.UnmarshalStrict(text, crd); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	scheme := runtime.NewScheme()
	if err := apiextensions.AddToScheme(scheme); err != nil {
		return nil, err
	}
	if err := v1.AddToScheme(scheme); err != nil {
		return nil, err
	}
	scheme.Default(crd)
	internal := &apiextensions.CustomResourceDefinition{}
	if err := scheme.Convert(crd, internal, nil); err != nil {
		return nil, err
	}
	internal.Status.StoredVersions = []string{crd.Spec.Versions[0].Name}
	return internal, nil
}

func report(file string, errors field.ErrorList) {
	for _, err := range errors {
		fmt.Printf("%s: %v\n", file, err)
	}
}
