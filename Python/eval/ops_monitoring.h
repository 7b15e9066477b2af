/* Watched instructions.  Part of loop.c. */

TARGET(INSTRUMENTED): {
    SAVE();
    int original = monitoring_fire(tstate, frame, pc);
    if (UNLIKELY(original < 0)) {
        goto error;
    }
    if (frame->pc != pc) {
        /* A trace function has set f_lineno. */
        pc = frame->pc;
        DISPATCH();
    }
    w = (w & ~(uint64_t)0xFF) | (uint64_t)original;
    DISPATCH_TO(original);
}
