package operator

import (
	"context"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	apiwatch "k8s.io/apimachinery/pkg/watch"
	toolscache "k8s.io/client-go/tools/cache"

	"github.com/ingress2gw/ingress2gw/operator/watch"
)

// inputInformer makes one of what is translated. (The cache's own selectors need kinds that are there already.)
func inputInformer(lw toolscache.ListerWatcher, o runtime.Object, resync time.Duration, indexers toolscache.Indexers) toolscache.SharedIndexInformer {
	if selector := watch.Selector(o); selector != "" {
		all := toolscache.ToListerWatcherWithContext(lw)
		lw = &toolscache.ListWatch{
			ListWithContextFunc: func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
				o.LabelSelector = selector
				return all.ListWithContext(ctx, o)
			},
			WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (apiwatch.Interface, error) {
				o.LabelSelector = selector
				return all.WatchWithContext(ctx, o)
			},
		}
	}
	return informer(lw, o, resync, indexers)
}

// informer makes one that ends when it is told to.
func informer(lw toolscache.ListerWatcher, o runtime.Object, resync time.Duration, indexers toolscache.Indexers) toolscache.SharedIndexInformer {
	return ending{toolscache.NewSharedIndexInformer(lw, o, resync, indexers)}
}

// ending is an informer that does not wait for its watch when it is to end. One that could not be begun is tried again after up to a
// minute, and client-go sleeps until then, whatever happens: after an outage the operator would outlive its grace, and keep its lease.
type ending struct{ toolscache.SharedIndexInformer }

// RunWithContext implements toolscache.SharedIndexInformer. It is what caches call.
func (e ending) RunWithContext(ctx context.Context) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		e.SharedIndexInformer.RunWithContext(ctx)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
}
