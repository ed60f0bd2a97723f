package validate

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/types/known/durationpb"
	istionet "istio.io/api/networking/v1alpha3"
)

func TestPackedSpecificationsAreCheckedAsOthersAre(t *testing.T) {
	tests := map[string]func(*istionet.VirtualService){
		"nothing wrong":                  func(*istionet.VirtualService) {},
		"a duration that is too short":   func(v *istionet.VirtualService) { v.Http[0].Timeout = durationpb.New(10) },
		"a duration in a list of routes": func(v *istionet.VirtualService) { v.Http[0].Retries.PerTryTimeout = durationpb.New(-1) },
		"text that is not UTF-8":         func(v *istionet.VirtualService) { v.Http[0].Name = "a\xff" },
		"a zero byte":                    func(v *istionet.VirtualService) { v.Http[0].Name = "a\x00" },
		"a Gateway that is not there":    func(v *istionet.VirtualService) { v.Gateways[0] = "istio-system/none" },
		"a subset that is not there":     func(v *istionet.VirtualService) { v.Http[0].Route[0].Destination.Subset = "none" },
		"a delegate that is not there": func(v *istionet.VirtualService) {
			v.Http[0].Route, v.Http[0].Delegate = nil, &istionet.Delegate{Name: "none"}
		},
		"a match that catches everything": func(v *istionet.VirtualService) { v.Http[0].Match = nil },
		"a share that is not one": func(v *istionet.VirtualService) {
			v.Http[0].Fault = &istionet.HTTPFaultInjection{Abort: &istionet.HTTPFaultInjection_Abort{
				ErrorType: &istionet.HTTPFaultInjection_Abort_HttpStatus{HttpStatus: 503}, Percentage: &istionet.Percent{Value: 101},
			}}
		},
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			plain := fleet(1)
			change(plain[1].Spec.(*istionet.VirtualService))
			want := Fast(plain)
			k := NewChecker()
			for _, o := range plain {
				k.Add(o)
			}
			if diff := cmp.Diff(want, k.Problems(plain, nil)); diff != "" {
				t.Errorf("(-typed +while it is packed):\n%s", diff)
			}
			if diff := cmp.Diff(want, Fast(plain)); diff != "" {
				t.Errorf("(-typed +packed):\n%s", diff)
			}
			if (len(want) == 0) != (name == "nothing wrong") {
				t.Errorf("problems: %v", want)
			}
		})
	}
}

// TestProblemsComeInTheOrderOfTheObjects: however many look at them.
func TestProblemsComeInTheOrderOfTheObjects(t *testing.T) {
	objs := fleet(500)
	var want []string
	for _, o := range objs[1:] {
		o.Spec.(*istionet.VirtualService).Http[0].Name = "x\x00"
		want = append(want, o.ID())
	}
	var got []string
	for _, p := range Fast(objs) {
		got = append(got, p.Object)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
