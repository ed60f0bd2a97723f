package operator

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	apiwatch "k8s.io/apimachinery/pkg/watch"
	toolscache "k8s.io/client-go/tools/cache"

	"github.com/ingress2gw/ingress2gw/operator/watch"
)

func TestDestinationRulesOfTranslationsAreNotAskedFor(t *testing.T) {
	for kind, want := range map[string]string{"DestinationRule": "!ingress2gw.io/migration", "Gateway": ""} {
		t.Run(kind, func(t *testing.T) {
			var once sync.Once
			asked := make(chan string, 2)
			lw := &toolscache.ListWatch{
				ListWithContextFunc: func(_ context.Context, o metav1.ListOptions) (runtime.Object, error) {
					once.Do(func() { asked <- o.LabelSelector })
					return &unstructured.UnstructuredList{Object: map[string]any{"metadata": map[string]any{"resourceVersion": "1"}}}, nil
				},
				WatchFuncWithContext: func(_ context.Context, o metav1.ListOptions) (apiwatch.Interface, error) {
					once.Do(func() { asked <- o.LabelSelector })
					return apiwatch.NewFake(), nil
				},
			}
			o := &unstructured.Unstructured{}
			o.SetGroupVersionKind(schema.GroupVersionKind{Group: "networking.istio.io", Version: "v1", Kind: kind})
			w := watch.New(nil, nil, nil)
			i := inputInformer(&w)(lw, o, time.Hour, toolscache.Indexers{})
			go i.RunWithContext(t.Context())
			if diff := cmp.Diff(want, <-asked); diff != "" {
				t.Errorf("selector (-want +got):\n%s", diff)
			}
		})
	}
}
