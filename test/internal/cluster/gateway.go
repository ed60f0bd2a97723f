package cluster

import (
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
	GatewayAddress        = "10.0.0.1" // the workload's identity for the control plane; nothing is sent there
	GatewayPod            = "gateway-0"
	GatewayServiceAccount = "istio-ingressgateway-service-account"
	HTTPPort              = 8080
	HTTPSPort             = 8443
)

// BoundPorts maps the ports that clients dial to those that the proxy has bound.
func BoundPorts() map[int]int { return map[int]int{80: HTTPPort, 443: HTTPSPort} }

// GatewayLabels select the gateway workload.
func GatewayLabels() map[string]string {
	return map[string]string{"istio": "ingressgateway", "app": GatewayService}
}

// GatewayObjects are the gateway workload and its Service.
func GatewayObjects() []runtime.Object {
	meta := func(name string, labels map[string]string) metav1.ObjectMeta {
		return metav1.ObjectMeta{Name: name, Namespace: GatewayNamespace, Labels: labels}
	}
	return []runtime.Object{
		&corev1.Service{
			TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Service"},
			ObjectMeta: meta(GatewayService, GatewayLabels()),
			Spec: corev1.ServiceSpec{ClusterIP: "10.96.0.10", Selector: GatewayLabels(), Ports: []corev1.ServicePort{
				{Name: "http2", Port: 80, TargetPort: intstr.FromInt32(HTTPPort), Protocol: corev1.ProtocolTCP},
				{Name: "https", Port: 443, TargetPort: intstr.FromInt32(HTTPSPort), Protocol: corev1.ProtocolTCP},
			}},
		},
		&corev1.Pod{
			TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
			ObjectMeta: meta(GatewayPod, GatewayLabels()),
			Spec:       corev1.PodSpec{ServiceAccountName: GatewayServiceAccount, Containers: []corev1.Container{{Name: "proxy", Image: "proxy"}}},
			Status: corev1.PodStatus{
				Phase: corev1.PodRunning, PodIP: GatewayAddress, PodIPs: []corev1.PodIP{{IP: GatewayAddress}},
				Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}},
			},
		},
		&discoveryv1.EndpointSlice{
			TypeMeta:    metav1.TypeMeta{APIVersion: "discovery.k8s.io/v1", Kind: "EndpointSlice"},
			ObjectMeta:  meta(GatewayService+"-1", map[string]string{discoveryv1.LabelServiceName: GatewayService}),
			AddressType: discoveryv1.AddressTypeIPv4,
			Endpoints: []discoveryv1.Endpoint{{
				Addresses: []string{GatewayAddress}, Conditions: discoveryv1.EndpointConditions{Ready: ptr(true)},
				TargetRef: &corev1.ObjectReference{Kind: "Pod", Name: GatewayPod, Namespace: GatewayNamespace},
			}},
			Ports: []discoveryv1.EndpointPort{
				{Name: ptr("http2"), Port: ptr(int32(HTTPPort)), Protocol: ptr(corev1.ProtocolTCP)},
				{Name: ptr("https"), Port: ptr(int32(HTTPSPort)), Protocol: ptr(corev1.ProtocolTCP)},
			},
		},
	}
}
