unsigned counted = 40;

unsigned counter_next(void) {
    counted += 1;
    return counted;
}
