package main

import (
	"bytes"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// The function's image does what kustomize and kpt start it for: a ResourceList in, one out.
func TestTheFunctionTransformsAList(t *testing.T) {
	i := built(t)["fn-"+runtime.GOARCH]
	const list = `
apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
- apiVersion: networking.k8s.io/v1
  kind: Ingress
  metadata: {name: web, namespace: shop}
  spec:
    ingressClassName: nginx
    rules: [{host: web.test, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]
- apiVersion: v1
  kind: Service
  metadata: {name: web, namespace: shop}
  spec: {ports: [{port: 80}]}
functionConfig:
  apiVersion: ingress2gw.io/v1alpha1
  kind: Convert
  metadata: {name: convert}
`
	out := runs(t, i, strings.NewReader(list), i.config.Config.Entrypoint...)
	var got struct {
		Kind  string
		Items []struct {
			Kind     string
			Metadata struct{ Namespace string }
		}
	}
	require.NoError(t, yaml.Unmarshal(bytes.TrimSpace([]byte(out)), &got))
	where := map[string]string{}
	for _, o := range got.Items {
		where[o.Kind] = o.Metadata.Namespace
	}
	if got.Kind != "ResourceList" || where["VirtualService"] != "shop" || where["Gateway"] != "istio-system" {
		t.Errorf("it gives %s", out)
	}
}
