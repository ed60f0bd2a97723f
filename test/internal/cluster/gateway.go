package cluster

import (
	"net/url"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// The gateway workload, as a usual installation has it: the Service's ports 80 and 443 lead to unprivileged ports.
const (
	GatewayNamespace      = "istio-system"
	GatewayService        = "istio-ingressgateway"
	GatewayPod            = "gateway-0"
	GatewayServiceAccount = "istio-ingressgateway-service-account"
	HTTPPort              = 8080
	HTTPSPort             = 8443
)

// Workload is a gateway workload.
type Workload struct {
	Namespace, Service, Pod, ServiceAccount string
	Address                                 string // its identity for the control plane; nothing is sent there
	ClusterIP                               string
	Labels                                  map[string]string
	HTTPPort, HTTPSPort                     int32 // that it binds
}

// Gateway is the one that clients reach.
func Gateway() Workload {
	return Workload{
		Namespace: GatewayNamespace, Service: GatewayService, Pod: GatewayPod, ServiceAccount: GatewayServiceAccount,
		Address: "10.0.0.1", ClusterIP: "10.96.0.10", Labels: map[string]string{"istio": "ingressgateway", "app": GatewayService},
		HTTPPort: HTTPPort, HTTPSPort: HTTPSPort,
	}
}

// Shadow is a second one, which no public traffic reaches. Its ports are others, since both run in one network.
func Shadow() Workload {
	return Workload{
		Namespace: "istio-shadow", Service: "istio-shadowgateway", Pod: "shadow-0", ServiceAccount: "istio-shadowgateway-service-account",
		Address: "10.0.0.3", ClusterIP: "10.96.0.11", Labels: map[string]string{"istio": "shadowgateway"},
		HTTPPort: 9080, HTTPSPort: 9443,
	}
}

// BoundPorts maps the ports that clients dial to those that the proxy has bound.
func BoundPorts() map[int]int { return map[int]int{80: HTTPPort, 443: HTTPSPort} }

// Identity is what the certificate of the workload says.
func (w Workload) Identity() *url.URL {
	return &url.URL{Scheme: "spiffe", Host: "cluster.local", Path: "/ns/" + w.Namespace + "/sa/" + w.ServiceAccount}
}

// Objects are the workload and its Service.
func (w Workload) Objects() []runtime.Object {
	meta := func(name string, labels map[string]string) metav1.ObjectMeta {
		return metav1.ObjectMeta{Name: name, Namespace: w.Namespace, Labels: labels}
	}
	return []runtime.Object{
		&corev1.Service{
			TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Service"},
			ObjectMeta: meta(w.Service, w.Labels),
			Spec: corev1.ServiceSpec{ClusterIP: w.ClusterIP, Selector: w.Labels, Ports: []corev1.ServicePort{
				{Name: "http2", Port: 80, TargetPort: intstr.FromInt32(w.HTTPPort), Protocol: corev1.ProtocolTCP},
				{Name: "https", Port: 443, TargetPort: intstr.FromInt32(w.HTTPSPort), Protocol: corev1.ProtocolTCP},
			}},
		},
		&corev1.Pod{
			TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
			ObjectMeta: meta(w.Pod, w.Labels),
			Spec:       corev1.PodSpec{ServiceAccountName: w.ServiceAccount, Containers: []corev1.Container{{Name: "proxy", Image: "proxy"}}},
			Status: corev1.PodStatus{
				Phase: corev1.PodRunning, PodIP: w.Address, PodIPs: []corev1.PodIP{{IP: w.Address}},
				Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}},
			},
		},
		&discoveryv1.EndpointSlice{
			TypeMeta:    metav1.TypeMeta{APIVersion: "discovery.k8s.io/v1", Kind: "EndpointSlice"},
			ObjectMeta:  meta(w.Service+"-1", map[string]string{discoveryv1.LabelServiceName: w.Service}),
			AddressType: discoveryv1.AddressTypeIPv4,
			Endpoints: []discoveryv1.Endpoint{{
				Addresses: []string{w.Address}, Conditions: discoveryv1.EndpointConditions{Ready: ptr(true)},
				TargetRef: &corev1.ObjectReference{Kind: "Pod", Name: w.Pod, Namespace: w.Namespace},
			}},
			Ports: []discoveryv1.EndpointPort{
				{Name: ptr("http2"), Port: ptr(w.HTTPPort), Protocol: ptr(corev1.ProtocolTCP)},
				{Name: ptr("https"), Port: ptr(w.HTTPSPort), Protocol: ptr(corev1.ProtocolTCP)},
			},
		},
	}
}
