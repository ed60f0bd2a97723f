package main

import (
	"bytes"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/ingress2gw/ingress2gw/test/internal/cluster"
)

// fleet is a number of Ingresses with two paths each, every one with a host and a Service of its own.
type fleet struct {
	name string
	own  int // every how many has settings that no other has; 0: none
}

const (
	namespaces  = 10
	backendPort = 19000
)

func namespace(i int) string { return fmt.Sprintf("team-%d", i%namespaces) }

func host(i int) string { return fmt.Sprintf("app%04d.example.com", i) }

// manifests are what a converter reads.
func (f fleet) manifests(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		annotations := ""
		if f.own > 0 && i%f.own == 0 {
			annotations = fmt.Sprintf("\n  annotations:\n    nginx.ingress.kubernetes.io/whitelist-source-range: 127.0.0.0/8,10.%d.%d.0/24", i/250, i%250)
		}
		fmt.Fprintf(&b, `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: app-%04[1]d
  namespace: %[2]s%[4]s
spec:
  ingressClassName: nginx
  rules:
  - host: %[3]s
    http:
      paths:
      - {path: /, pathType: Prefix, backend: {service: {name: web-%04[1]d, port: {number: 80}}}}
      - {path: /api, pathType: Prefix, backend: {service: {name: web-%04[1]d, port: {number: 80}}}}
---
apiVersion: v1
kind: Service
metadata: {name: web-%04[1]d, namespace: %[2]s}
spec: {ports: [{name: http, port: 80}]}
---
`, i, namespace(i), host(i), annotations)
	}
	return b.Bytes()
}

// objects are the cluster around the Ingresses. All Services lead to one backend.
func objects(n int) []runtime.Object {
	out := cluster.Gateway().Objects()
	for i := range namespaces {
		out = append(out, &corev1.Namespace{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"}, ObjectMeta: metav1.ObjectMeta{Name: namespace(i)}})
	}
	port, name, protocol, ready := int32(backendPort), "http", corev1.ProtocolTCP, true
	for i := range n {
		service := fmt.Sprintf("web-%04d", i)
		out = append(out, &corev1.Service{
			TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Service"},
			ObjectMeta: metav1.ObjectMeta{Name: service, Namespace: namespace(i)},
			Spec: corev1.ServiceSpec{
				ClusterIP: fmt.Sprintf("10.96.%d.%d", 1+i/250, 1+i%250),
				Ports:     []corev1.ServicePort{{Name: name, Port: 80, Protocol: protocol, TargetPort: intstr.FromInt32(port)}},
			},
		}, &discoveryv1.EndpointSlice{
			TypeMeta:    metav1.TypeMeta{APIVersion: "discovery.k8s.io/v1", Kind: "EndpointSlice"},
			ObjectMeta:  metav1.ObjectMeta{Name: service + "-1", Namespace: namespace(i), Labels: map[string]string{discoveryv1.LabelServiceName: service}},
			AddressType: discoveryv1.AddressTypeIPv4,
			Ports:       []discoveryv1.EndpointPort{{Name: &name, Port: &port, Protocol: &protocol}},
			Endpoints:   []discoveryv1.Endpoint{{Addresses: []string{"127.0.0.1"}, Conditions: discoveryv1.EndpointConditions{Ready: &ready}}},
		})
	}
	return out
}
