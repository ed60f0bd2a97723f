package load

// kustomization builds a kustomization and reads the result. Its lines are those of no file, so they are left out.
func (r *reader) kustomization(o Options) error {
	data, err := o.Build(o.Kustomize)
	if err != nil {
		return err
	}
	r.unplaced = true
	r.stream(o.Kustomize, string(data))
	return nil
}
