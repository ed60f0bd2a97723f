package demo

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ingress2gw/ingress2gw/test/internal/apiserver"
	"github.com/ingress2gw/ingress2gw/test/internal/casefile"
)

func TestTablesArePrintedAsKubectlDoes(t *testing.T) {
	const table = `{"columnDefinitions": [{"name": "Name"}, {"name": "Phase"}, {"name": "Message", "priority": 1}],
	  "rows": [{"cells": ["web", "live", "m"], "object": {"metadata": {"namespace": "shop"}}}, {"cells": ["api", null, ""], "object": {"metadata": {"namespace": "b"}}}]}`
	var b bytes.Buffer
	if err := printTable(&b, []byte(table)); err != nil {
		t.Fatal(err)
	}
	want := "  NAMESPACE   NAME   PHASE\n  shop        web    live\n  b           api    \n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if err := printTable(&b, []byte("{")); err == nil {
		t.Error("no error")
	}
}

func TestAWrongAnswerIsCounted(t *testing.T) {
	answers := make(chan int, 3)
	for _, status := range []int{200, 503, 200} {
		answers <- status
	}
	enough := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case status := <-answers:
			w.WriteHeader(status)
			_, _ = io.WriteString(w, r.Host)
		default:
			select {
			case <-enough:
			default:
				close(enough)
			}
			<-r.Context().Done()
		}
	}))
	defer s.Close()
	x := drive(t.Context(), s.URL, "a.test", "/")
	<-enough
	sent, failed, why := x.end()
	if sent != 3 || failed != 1 || why != "1 times status 503" {
		t.Errorf("%d sent, %d failed: %s", sent, failed, why)
	}
}

func TestTheFleetCanBeRead(t *testing.T) {
	c, err := casefile.Load("../../demo/fleet.yaml")
	if err != nil {
		t.Fatal(err)
	}
	docs, err := apiserver.Decode(world + c.Manifests)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	for _, d := range docs {
		kinds[d.GetKind()]++
	}
	want := map[string]int{"Ingress": 6, "IngressClass": 1, "Migration": 1, "Namespace": 2, "Secret": 1}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if backends, err := c.Backends(); err != nil || len(backends) != 4 || strings.Contains(c.Name, " ") {
		t.Errorf("%d backends, %v", len(backends), err)
	}
}
