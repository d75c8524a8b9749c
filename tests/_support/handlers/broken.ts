/** A handler that fails while it is loaded. @module */

throw new RangeError("the handler is broken");
