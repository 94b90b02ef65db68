// Command manifests reads Kubernetes manifests on standard input and decodes each document strictly into its own type of
// k8s.io/api: a field that the type lacks, a field named twice, a value of another type or a kind that is not known here
// is an error. Each document that decodes is told as one line: apiVersion, kind, name.
package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

var types = map[string]func() metav1.Object{
	"apps/v1 Deployment":                 func() metav1.Object { return &appsv1.Deployment{} },
	"apps/v1 StatefulSet":                func() metav1.Object { return &appsv1.StatefulSet{} },
	"apps/v1 DaemonSet":                  func() metav1.Object { return &appsv1.DaemonSet{} },
	"batch/v1 CronJob":                   func() metav1.Object { return &batchv1.CronJob{} },
	"batch/v1 Job":                       func() metav1.Object { return &batchv1.Job{} },
	"networking.k8s.io/v1 Ingress":       func() metav1.Object { return &networkingv1.Ingress{} },
	"networking.k8s.io/v1 NetworkPolicy": func() metav1.Object { return &networkingv1.NetworkPolicy{} },
	"policy/v1 PodDisruptionBudget":      func() metav1.Object { return &policyv1.PodDisruptionBudget{} },
	"v1 ConfigMap":                       func() metav1.Object { return &corev1.ConfigMap{} },
	"v1 Namespace":                       func() metav1.Object { return &corev1.Namespace{} },
	"v1 PersistentVolumeClaim":           func() metav1.Object { return &corev1.PersistentVolumeClaim{} },
	"v1 Secret":                          func() metav1.Object { return &corev1.Secret{} },
	"v1 Service":                         func() metav1.Object { return &corev1.Service{} },
	"v1 ServiceAccount":                  func() metav1.Object { return &corev1.ServiceAccount{} },
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "--version" {
		fmt.Println("manifests")
		return
	}
	failed, count := 0, 0
	documents := utilyaml.NewYAMLReader(bufio.NewReader(os.Stdin))
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		if len(bytes.TrimSpace(document)) == 0 {
			continue
		}
		count++
		if err := decode(document); err != nil {
			fmt.Fprintf(os.Stderr, "document %d: %v\n", count, err)
			failed++
		}
	}
	if count == 0 {
		fmt.Fprintln(os.Stderr, "no document on standard input")
	}
	if failed > 0 || count == 0 {
		os.Exit(1)
	}
}

func decode(document []byte) error {
	var kind metav1.TypeMeta
	if err := yaml.Unmarshal(document, &kind); err != nil {
		return err
	}
	name := kind.APIVersion + " " + kind.Kind
	create, known := types[name]
	if !known {
		return fmt.Errorf("%q is not a kind that is known here", name)
	}
	object := create()
	if err := yaml.UnmarshalStrict(document, object); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if object.GetName() == "" {
		return fmt.Errorf("%s: no metadata.name", name)
	}
	fmt.Println(name, object.GetName())
	return nil
}
