/* FOREACH(F, a, b, …) expands to F(a) F(b) …, for up to 32 arguments and for none; FOREACH_COUNT() counts them. */
#ifndef DB_FOREACH_H
#define DB_FOREACH_H

/* clang-format off */
#define FOREACH(F, ...) FOREACH_PICK(__VA_OPT__(__VA_ARGS__,) FE_32, FE_31, FE_30, FE_29, FE_28, FE_27, FE_26, FE_25, FE_24, FE_23, FE_22, FE_21, FE_20, FE_19, FE_18, FE_17, FE_16, FE_15, FE_14, FE_13, FE_12, FE_11, FE_10, FE_9, FE_8, FE_7, FE_6, FE_5, FE_4, FE_3, FE_2, FE_1, FE_0)(F __VA_OPT__(,) __VA_ARGS__)
#define FOREACH_PICK(_1, _2, _3, _4, _5, _6, _7, _8, _9, _10, _11, _12, _13, _14, _15, _16, _17, _18, _19, _20, _21, _22, _23, _24, _25, _26, _27, _28, _29, _30, _31, _32, N, ...) N
#define FOREACH_COUNT(...) FOREACH_PICK(__VA_OPT__(__VA_ARGS__,) 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define FE_0(F)
#define FE_1(F, a) F(a)
#define FE_2(F, a, ...) F(a) FE_1(F, __VA_ARGS__)
#define FE_3(F, a, ...) F(a) FE_2(F, __VA_ARGS__)
#define FE_4(F, a, ...) F(a) FE_3(F, __VA_ARGS__)
#define FE_5(F, a, ...) F(a) FE_4(F, __VA_ARGS__)
#define FE_6(F, a, ...) F(a) FE_5(F, __VA_ARGS__)
#define FE_7(F, a, ...) F(a) FE_6(F, __VA_ARGS__)
#define FE_8(F, a, ...) F(a) FE_7(F, __VA_ARGS__)
#define FE_9(F, a, ...) F(a) FE_8(F, __VA_ARGS__)
#define FE_10(F, a, ...) F(a) FE_9(F, __VA_ARGS__)
#define FE_11(F, a, ...) F(a) FE_10(F, __VA_ARGS__)
#define FE_12(F, a, ...) F(a) FE_11(F, __VA_ARGS__)
#define FE_13(F, a, ...) F(a) FE_12(F, __VA_ARGS__)
#define FE_14(F, a, ...) F(a) FE_13(F, __VA_ARGS__)
#define FE_15(F, a, ...) F(a) FE_14(F, __VA_ARGS__)
#define FE_16(F, a, ...) F(a) FE_15(F, __VA_ARGS__)
#define FE_17(F, a, ...) F(a) FE_16(F, __VA_ARGS__)
#define FE_18(F, a, ...) F(a) FE_17(F, __VA_ARGS__)
#define FE_19(F, a, ...) F(a) FE_18(F, __VA_ARGS__)
#define FE_20(F, a, ...) F(a) FE_19(F, __VA_ARGS__)
#define FE_21(F, a, ...) F(a) FE_20(F, __VA_ARGS__)
#define FE_22(F, a, ...) F(a) FE_21(F, __VA_ARGS__)
#define FE_23(F, a, ...) F(a) FE_22(F, __VA_ARGS__)
#define FE_24(F, a, ...) F(a) FE_23(F, __VA_ARGS__)
#define FE_25(F, a, ...) F(a) FE_24(F, __VA_ARGS__)
#define FE_26(F, a, ...) F(a) FE_25(F, __VA_ARGS__)
#define FE_27(F, a, ...) F(a) FE_26(F, __VA_ARGS__)
#define FE_28(F, a, ...) F(a) FE_27(F, __VA_ARGS__)
#define FE_29(F, a, ...) F(a) FE_28(F, __VA_ARGS__)
#define FE_30(F, a, ...) F(a) FE_29(F, __VA_ARGS__)
#define FE_31(F, a, ...) F(a) FE_30(F, __VA_ARGS__)
#define FE_32(F, a, ...) F(a) FE_31(F, __VA_ARGS__)
/* clang-format on */

#endif
