@rem What `exec` in a script of package.json is where npm runs it with cmd.
@%*
