// Makes a passkey.
