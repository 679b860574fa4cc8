// Says at once what it computes, in a constructor and in main.
#include <stdio.h>

__attribute__((noinline)) int value(void) { return 0; }

__attribute__((constructor)) static void before_main(void) {
    printf("constructor %d\n", value());
    fflush(stdout);
}

int main(void) {
    printf("main %d\n", value());
    fflush(stdout);
    while (getchar() != EOF);
}
