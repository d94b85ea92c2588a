package main

import "github.com/fluxcd/cli-utils/pkg/kstatus/status"

// The state of each object by kstatus, as Flux has it, whose fork of the library this is.
func kstatuses(files []string) error {
	for _, file := range files {
		object, err := read(file)
		if err != nil {
			return err
		}
		found, err := status.Compute(object)
		if err != nil {
			return err
		}
		if err := print(map[string]any{"file": file, "status": found.Status, "message": found.Message}); err != nil {
			return err
		}
	}
	return nil
}
