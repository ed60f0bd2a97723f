package sync

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	netv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/events"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	"github.com/ingress2gw/ingress2gw/operator/phase"
)

func TestOfManyEventsMostAreSummedUp(t *testing.T) {
	recorder := events.NewFakeRecorder(1000)
	r := &round{Loop: New(Config{Events: recorder}), m: &migration{}, o: &v1alpha1.Migration{}}
	x := &reports{r: r}
	add := func(was v1alpha1.Phase, known *v1alpha1.IngressTranslation, ready bool, wrote bool) {
		name := fmt.Sprintf("i%03d", len(x.items))
		it := &item{
			cluster: &netv1.Ingress{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name}}, it: known, was: was, decision: phase.Decision{Phase: v1alpha1.PhaseLive},
		}
		c := condition(v1alpha1.ConditionReady, ready, "Reason", name)
		s := v1alpha1.IngressTranslationStatus{Phase: v1alpha1.PhaseLive, Conditions: []metav1.Condition{c}}
		x.items, x.states, x.news = append(x.items, it), append(x.states, s), append(x.news, it.news(&s, &c))
		x.written = append(x.written, map[bool]string{true: "7"}[wrote])
	}
	known := &v1alpha1.IngressTranslation{Status: v1alpha1.IngressTranslationStatus{Conditions: []metav1.Condition{condition(v1alpha1.ConditionReady, true, "Reason", "")}}}
	for range 120 {
		add("", nil, true, true)
	}
	add(v1alpha1.PhasePreview, known, true, true) // i120 moved
	add(v1alpha1.PhaseLive, known, true, true)    // nothing changed
	add(v1alpha1.PhaseLive, known, false, true)   // i122 is not ready any more
	add("", nil, false, false)                    // could not be written
	x.tell()
	close(recorder.Events)
	var got []string
	for e := range recorder.Events {
		got = append(got, e)
	}
	if len(got) != mostEvents+1 {
		t.Fatalf("%d events", len(got))
	}
	want := []string{"Warning Reason Phase live: i122", "Normal Reason Phase live: i000", "Normal Reason Phase live: i098", "Normal Summary 22 more Ingresses moved"}
	some := []string{got[0], got[1], got[mostEvents-1], strings.Split(got[mostEvents], ",")[0]}
	if diff := cmp.Diff(want, some); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
