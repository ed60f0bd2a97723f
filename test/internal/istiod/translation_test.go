package istiod_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ingress2gw/ingress2gw/test/internal/istiod"
)

func TestRead(t *testing.T) {
	const gateway = "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: g, namespace: istio-system}\n" +
		"spec: {selector: {a: b}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}, {port: {number: 9000, name: tcp, protocol: TCP}, hosts: ['*']}]}\n"
	tests := map[string]struct {
		stream  string
		configs int
		objects int
		ports   []int
		refused string
	}{
		"Istio's kinds and others are kept apart": {
			gateway + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n", 1, 1, []int{80, 9000}, "",
		},
		"what the webhook refuses is not loaded": {
			"apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: v}\nspec: {hosts: [a.test], http: [{}]}\n", 0, 0, nil, "VirtualService",
		},
		"what is no known object is refused": {
			"apiVersion: example.com/v1\nkind: Gadget\nmetadata: {name: x}\n", 0, 0, nil, "Gadget",
		},
		"listeners of the Gateway API count as ports": {
			"apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: g}\nspec: {gatewayClassName: istio, listeners: [{name: a, port: 443, protocol: TLS}]}\n", 0, 1, []int{443}, "",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := istiod.Read(tt.stream)
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Configs) != tt.configs || len(got.Objects) != tt.objects {
				t.Errorf("%d configs, %d objects", len(got.Configs), len(got.Objects))
			}
			if diff := cmp.Diff(tt.ports, got.Ports); diff != "" {
				t.Error(diff)
			}
			refused := strings.Join(got.Refused, "\n")
			if (refused != "") != (tt.refused != "") || !strings.Contains(refused, tt.refused) {
				t.Errorf("refused %q, want %q", refused, tt.refused)
			}
		})
	}
}

func TestReadGivesLineOfBrokenDocument(t *testing.T) {
	if _, err := istiod.Read("kind: A\n---\n{"); err == nil || !strings.Contains(err.Error(), "document 2") {
		t.Errorf("got %v", err)
	}
}
