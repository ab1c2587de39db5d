// Registry and dispatch.
