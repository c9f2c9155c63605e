package main

import (
	"errors"
	"fmt"
	"strings"
)

// checkConfigFlag says that all that is wanted is to know whether the settings can be used. It
// is looked for before they are read: see checkConfig.
type checkConfigFlag bool

// checkConfig says what is wrong with the settings of parley serve: of a config file each
// setting with its line. A setting that is wrong is left out to find the next.
func checkConfig(p *process) (status int) {
	var without []setting
	for {
		var cli commands
		config, err := newConfigs(p, &cli, func(int) {})
		if err == nil {
			config.without = without
			_, err = config.parser.Parse(p.args)
			err = config.blame(err)
		}
		if err == nil {
			_, certificate := cli.Serve.TLS.certificateFiles(p)
			err = errors.Join(cli.Serve.Log.check(), certificate)
		}
		var wrong *configError
		switch {
		case err == nil && status == exitDone:
			fmt.Fprintln(p.stdout, soundConfig(config))
			return status
		case err == nil:
			return status
		case !errors.As(err, &wrong):
			fmt.Fprintf(p.stderr, "parley: %s\n", sentence(err))
			return exitRefused
		}
		fmt.Fprintf(p.stderr, "parley: %v\n", wrong)
		status = exitRefused
		if wrong.setting == nil { // of what follows it is not known what it means
			return status
		}
		without = append(without, *wrong.setting)
	}
}

// soundConfig says what was looked at.
func soundConfig(config *configs) string {
	if len(config.files) == 0 {
		return "The settings can be used. There is no config file."
	}
	var paths []string
	for _, f := range config.files {
		paths = append(paths, f.path)
	}
	return "The settings can be used. They are from the command line, the environment and " + strings.Join(paths, ", ") + "."
}
