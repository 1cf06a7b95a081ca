// Ends with an error unless the clients' keys can be read: nginx itself would find out at the first request only.

import keys from 'keys.js';

keys.read();
