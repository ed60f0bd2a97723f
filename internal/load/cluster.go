package load
import "context"
func (r *reader) cluster(ctx context.Context, o Options) error { return nil }
