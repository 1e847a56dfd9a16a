-- A key that signs is wrapped anew, as tenants' keys are, where the deployment's provider or its key is another.
grant update (provider, provider_key) on signing_keys to mneme_keys;
