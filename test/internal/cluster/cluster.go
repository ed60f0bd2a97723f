// Package cluster makes the Kubernetes objects that stand around the Ingresses of a case: Services with their
// endpoints, Secrets, Namespaces and the gateway workload; and the YAML that a converter is given to read.
package cluster

import (
	"fmt"
	"net/netip"
	"strings"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/ingress2gw/ingress2gw/test/internal/backend"
	"github.com/ingress2gw/ingress2gw/test/internal/casefile"
	"github.com/ingress2gw/ingress2gw/test/internal/keys"
)

// Cluster is what exists before a translation is applied.
type Cluster struct {
	Objects []runtime.Object
	// Names are the addresses that the cluster's DNS gives, by full name.
	Names map[string]string

	network Network
}

// Network is the beginning of the addresses of backends: the first two numbers.
type Network string

// The networks. An API server refuses loopback addresses of endpoints; the other network needs to be brought to the
// loopback interface of a network namespace.
const (
	Loopback Network = "127.10"
	Routable Network = "10.10"
)

// Prefix is the whole network.
func (n Network) Prefix() netip.Prefix { return netip.MustParsePrefix(string(n) + ".0.1/16") }

// endpoint is the address of an endpoint of the n-th Service.
func (n Network) endpoint(service, endpoint int) string {
	return fmt.Sprintf("%s.%d.%d", n, service, endpoint+1)
}

// firstTargetPort is where a backend listens whose case does not say it.
const firstTargetPort = 19000

// Build starts the backends of a case in the farm and returns the objects that stand for them.
func Build(c *casefile.Case, ring *keys.Ring, farm *backend.Farm, network Network) (*Cluster, error) {
	cl := &Cluster{Names: map[string]string{}, network: network}
	backends, err := c.Backends()
	if err != nil {
		return nil, err
	}
	namespaces := []string{GatewayNamespace, "default"}
	for i := range backends {
		s := &backends[i]
		namespace, _, _ := strings.Cut(s.Name, "/")
		namespaces = append(namespaces, namespace)
		if s.Absent {
			continue
		}
		if err := cl.addService(i+1, s, farm); err != nil {
			return nil, fmt.Errorf("service %s: %w", s.Name, err)
		}
	}
	for _, s := range c.PKI.Secrets {
		namespace, _, _ := strings.Cut(s.Secret, "/")
		namespaces = append(namespaces, namespace)
	}
	seen := map[string]bool{}
	for _, n := range namespaces {
		if !seen[n] {
			seen[n] = true
			cl.add(&corev1.Namespace{
				TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"},
				ObjectMeta: metav1.ObjectMeta{Name: n, Labels: map[string]string{"kubernetes.io/metadata.name": n}},
			})
		}
	}
	if err := cl.addSecrets(c, ring); err != nil {
		return nil, err
	}
	cl.add(Gateway().Objects()...)
	return cl, nil
}

func (cl *Cluster) add(objs ...runtime.Object) { cl.Objects = append(cl.Objects, objs...) }

// addService starts the endpoints of the n-th Service, each on an address of its own.
func (cl *Cluster) addService(n int, s *casefile.Service, farm *backend.Farm) error {
	namespace, name, _ := strings.Cut(s.Name, "/")
	ports := s.Ports
	if len(ports) == 0 {
		ports = []casefile.Port{{Name: "http", Port: 80}}
	}
	endpoints := s.Endpoints
	if endpoints == nil {
		endpoints = make(casefile.Endpoints, 1)
	}
	service := &corev1.Service{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Service"},
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace},
		Spec:       corev1.ServiceSpec{ClusterIP: fmt.Sprintf("10.96.%d.1", n)},
	}
	slice := &discoveryv1.EndpointSlice{
		TypeMeta:    metav1.TypeMeta{APIVersion: "discovery.k8s.io/v1", Kind: "EndpointSlice"},
		ObjectMeta:  metav1.ObjectMeta{Name: name + "-1", Namespace: namespace, Labels: map[string]string{discoveryv1.LabelServiceName: name}},
		AddressType: discoveryv1.AddressTypeIPv4,
	}
	if s.ExternalName != "" {
		service.Spec = corev1.ServiceSpec{Type: corev1.ServiceTypeExternalName, ExternalName: s.ExternalName}
	}
	for i, p := range ports {
		declared, bound := targetPort(p, i)
		service.Spec.Ports = append(service.Spec.Ports, corev1.ServicePort{Name: p.Name, Port: int32(p.Port), Protocol: corev1.ProtocolTCP, TargetPort: declared})
		slice.Ports = append(slice.Ports, discoveryv1.EndpointPort{Name: ptr(p.Name), Port: ptr(bound), Protocol: ptr(corev1.ProtocolTCP)})
		if s.ExternalName != "" {
			continue
		}
		for e := range endpoints {
			place := backend.Place{Service: s, Endpoint: e, Port: p.Name, Address: fmt.Sprintf("%s:%d", cl.network.endpoint(n, e), bound)}
			if err := farm.Start(place); err != nil {
				return err
			}
		}
	}
	cl.add(service)
	if s.ExternalName != "" {
		return nil
	}
	for e := range endpoints {
		slice.Endpoints = append(slice.Endpoints, discoveryv1.Endpoint{
			Addresses: []string{cl.network.endpoint(n, e)}, Conditions: discoveryv1.EndpointConditions{Ready: ptr(true)},
		})
	}
	cl.add(slice)
	for _, known := range append([]string{name + "." + namespace + ".svc.cluster.local"}, s.DNSNames...) {
		cl.Names[known] = cl.network.endpoint(n, 0)
	}
	return nil
}

// targetPort is what the Service says and where the backend really listens: names stand for any port, and the ports of
// the gateway are left to the gateway.
func targetPort(p casefile.Port, i int) (declared intstr.IntOrString, bound int32) {
	bound = int32(firstTargetPort + i)
	switch t := p.TargetPort.(type) {
	case string:
		return intstr.FromString(t), bound
	case int:
		if t != 80 && t != 443 {
			bound = int32(t)
		}
		return intstr.FromInt32(int32(t)), bound
	}
	return intstr.FromInt32(bound), bound
}

func ptr[T any](v T) *T { return &v }
