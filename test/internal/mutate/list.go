package mutate

// All mutations.
func All() []Mutation { return nil }
