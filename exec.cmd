@rem `exec` for scripts in package.json, where npm runs them with cmd.
@%*
