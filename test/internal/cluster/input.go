package cluster

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/ingress2gw/ingress2gw/test/internal/casefile"
)

// The controller's ConfigMap, where a case has settings.
const (
	controllerNamespace = "ingress-nginx"
	controllerConfig    = "ingress-nginx-controller"
)

// Input is what a converter reads: the manifests as an API server would return them, the IngressClass, and everything
// else of the cluster but the gateway.
func (cl *Cluster) Input(c *casefile.Case) ([]byte, error) {
	docs, err := casefile.Documents(c.Manifests)
	if err != nil {
		return nil, err
	}
	var objects []any
	born := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	for i, d := range docs {
		stamp(d, i, born.Add(time.Duration(i)*time.Second))
		objects = append(objects, map[string]any(d))
	}
	objects = append(objects, map[string]any{
		"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass",
		"metadata": map[string]any{"name": "nginx"}, "spec": map[string]any{"controller": "k8s.io/ingress-nginx"},
	})
	for _, o := range cl.Objects {
		switch x := o.(type) {
		case *corev1.Service:
			if x.Name != GatewayService {
				objects = append(objects, x)
			}
		case *corev1.Secret, *corev1.Namespace:
			objects = append(objects, x)
		}
	}
	if len(c.Controller.Config) > 0 {
		objects = append(objects, map[string]any{
			"apiVersion": "v1", "kind": "ConfigMap",
			"metadata": map[string]any{"name": controllerConfig, "namespace": controllerNamespace}, "data": c.Controller.Config,
		})
	}
	var b bytes.Buffer
	for _, o := range objects {
		text, err := yaml.Marshal(o)
		if err != nil {
			return nil, err
		}
		b.WriteString("---\n")
		b.Write(text)
	}
	return b.Bytes(), nil
}

// stamp gives an object the metadata that an API server would have added; ages decide where Ingresses compete.
func stamp(d casefile.Object, i int, born time.Time) {
	meta, _ := d.At("metadata").(map[string]any)
	if meta == nil {
		return
	}
	meta["namespace"] = d.Namespace()
	if d.Kind() != "Ingress" {
		return
	}
	if meta["creationTimestamp"] == nil {
		meta["creationTimestamp"] = born.Format(time.RFC3339)
	}
	if meta["uid"] == nil {
		meta["uid"] = fmt.Sprintf("00000000-0000-0000-0000-%012d", i+1)
	}
}

// Args are the converter's arguments for the controller settings of a case.
func Args(c *casefile.Case) []string {
	var args []string
	if len(c.Controller.Config) > 0 {
		args = append(args, "--controller-config", controllerNamespace+"/"+controllerConfig)
	}
	if len(c.Controller.Flags) > 0 {
		args = append(args, "--controller-args", strings.Join(c.Controller.Flags, " "))
	}
	return args
}
