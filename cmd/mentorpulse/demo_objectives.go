package main

import (
	"context"
	_ "embed"
	"errors"

	"mentorpulse/analytics"
	"mentorpulse/internal/program"
)

//go:embed demo_objectives.yaml
var demoObjectivesYAML []byte

// setDemoObjectives sets what the demonstration programme wants to reach, by the
// way that an owner's file goes.
func (a *app) setDemoObjectives(ctx context.Context, p program.Program) error {
	list, _, err := analytics.ReadObjectives(demoObjectivesYAML)
	if err != nil {
		return err
	}
	_, problems, err := a.analytics.SetObjectives(ctx, p, list, false)
	var errs []error
	for _, one := range problems {
		errs = append(errs, errors.New(one.Item()+": "+one.Message("en")))
	}
	return errors.Join(append(errs, err)...)
}
