"""The `fer-edge` command. One file for each of its subcommands."""
