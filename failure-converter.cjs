'use strict';
// Puts the message and the stack of every failure where the payload codec reaches them; the failure's type stays readable. Workers, clients and
// workflow bundles load it by its path with require(), hence CommonJS.
const { DefaultFailureConverter } = require('@temporalio/common');

exports.failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
