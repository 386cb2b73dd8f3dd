/* A maker's library for the tests: sdtapi and termb functions over one invented card. What it does is in the
 * environment of a file beside it: NAME.so reads NAME.so.mode before every call ("" = works). Cards come from
 * NAME.so.card: 256 bytes of text, 1024 of photo; no file, no card. Everybody on the cards is invented.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int opened;
static int selected;

static void beside(char *path, size_t size, const char *what) {
    Dl_info info;
    dladdr((void *)beside, &info);
    snprintf(path, size, "%s.%s", info.dli_fname, what);
}

static int is(const char *wanted) {
    char path[4096], mode[64] = "";
    beside(path, sizeof path, "mode");
    FILE *file = fopen(path, "r");
    if (file) {
        if (!fgets(mode, sizeof mode, file)) mode[0] = 0;
        fclose(file);
    }
    mode[strcspn(mode, "\n")] = 0;
    return strcmp(mode, wanted) == 0;
}

static void misbehave(const char *where) {
    char wanted[64];
    snprintf(wanted, sizeof wanted, "crash %s", where);
    if (is(wanted)) raise(SIGSEGV);
    snprintf(wanted, sizeof wanted, "exit %s", where);
    if (is(wanted)) _exit(3);
    snprintf(wanted, sizeof wanted, "hang %s", where);
    if (is(wanted)) for (;;) pause();
    if (is("writes")) {
        char path[4096];
        beside(path, sizeof path, "leak");
        FILE *file = fopen(path, "w");
        if (file) {
            fprintf(file, "name and number of whoever is on the card\n");
            fclose(file);
        }
        file = fopen("/tmp/doorstep-test-leak", "w");
        if (file) fclose(file);
    }
    if (is("talks")) {
        printf("name and number of whoever is on the card\n");
        fprintf(stderr, "name and number of whoever is on the card\n");
        fflush(stdout);
    }
}

static size_t card(unsigned char *text, unsigned char *photo) {
    char path[4096];
    beside(path, sizeof path, "card");
    FILE *file = fopen(path, "rb");
    if (!file) return 0;
    size_t got = fread(text, 1, 256, file);
    fread(photo, 1, 1024, file);
    fclose(file);
    return got;
}

static int lies_there(void) {
    char path[4096];
    beside(path, sizeof path, "card");
    return access(path, R_OK) == 0;
}

static const char SAM[] = "05.03-20240101-0012345678-0987654321";

int SDT_OpenPort(int port) {
    misbehave("open");
    if (is("no reader") || port != 1001) return 1;
    opened = 1;
    return 0x90;
}
int SDT_ClosePort(int port) { misbehave("close"); opened = 0; return port == 1001 ? 0x90 : 1; }
int SDT_GetSAMStatus(int port, int open) { misbehave("status"); if (is("faulty")) return 0x60; return opened ? 0x90 : 1; }
int SDT_GetSAMIDToStr(int port, char *text, int open) {
    misbehave("sam");
    strcpy(text, is("lie sam") ? "\xff\xfe\n\n" : SAM);
    return 0x90;
}
int SDT_StartFindIDCard(int port, unsigned char *out, int open) {
    misbehave("find");
    if (is("gone")) return 1;
    if (is("slow")) return 2;
    if (is("lie find")) return 0x12345;
    selected = 0;
    return lies_there() ? 0x9F : 0x80;
}
int SDT_SelectIDCard(int port, unsigned char *out, int open) {
    misbehave("select");
    selected = lies_there();
    memset(out, 0, 8);
    return selected ? 0x90 : 0x81;
}
int SDT_ReadBaseMsg(int port, unsigned char *text, unsigned *text_size, unsigned char *photo, unsigned *photo_size, int open) {
    misbehave("read");
    if (!selected || !card(text, photo)) return 0x41;
    *text_size = is("lie text length") ? 255 : is("lie huge length") ? 0x7fffffff : 256;
    *photo_size = is("lie photo length") ? 1000 : 1024;
    if (is("lie text")) memset(text, 0x07, 30);
    if (is("lie number")) text[122 + 34] ^= 1;
    if (is("lie rubbish")) memset(text, 0xD8, 256);
    return 0x90;
}
int SDT_ReadNewAppMsg(int port, unsigned char *text, unsigned *size, int open) {
    misbehave("newest");
    if (!selected) return 0x41;
    if (is("lie newest")) { *size = 60000; return 0x90; }
    return 0x91;
}

/* termb: everything in the folder it is given */
int InitComm(int port) { misbehave("open"); return port == 1001 && !is("no reader"); }
int CloseComm(void) { misbehave("close"); return 1; }
int GetSAMID(char *text) { misbehave("sam"); strcpy(text, SAM); return 1; }
int Authenticate(void) { misbehave("find"); return lies_there(); }

static void put(const char *folder, const char *name, const void *data, size_t size) {
    char path[4096];
    snprintf(path, sizeof path, "%s%s", folder, name);
    FILE *file = fopen(path, "wb");
    if (!file) return;
    fwrite(data, 1, size, file);
    fclose(file);
}

static void bmp(unsigned char *out) {
    const unsigned char head[54] = {'B', 'M', 0xCE, 0x97, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 102, 0, 0, 0,
                                    126, 0, 0, 0, 1, 0, 24};
    memset(out, 0, 38862);
    memcpy(out, head, sizeof head);
    for (int row = 0; row < 126; row++)
        for (int column = 0; column < 306; column++) out[54 + row * 308 + column] = (unsigned char)(row + column);
}

int Read_Content_Path(char *folder, int active) {
    unsigned char text[256], photo[1024], picture[38862];
    misbehave("read");
    if (!card(text, photo)) return 0;
    if (active == 3) return 0;
    if (is("lie number")) text[122 + 34] ^= 1;
    put(folder, "WZ.TXT", text, is("lie text length") ? 255 : 256);
    put(folder, "XP.WLT", photo, 1024);
    bmp(picture);
    put(folder, "ZP.BMP", picture, sizeof picture);
    if (is("lie huge length")) {
        static char much[1 << 20];
        put(folder, "wz.txt", much, sizeof much);
        put(folder, "WZ.TXT", much, sizeof much);
    }
    return 1;
}

/* the photo's decoder; it can be told to give what is no picture */
int DecodingPhotos(char *in, int in_size, char *out, int out_size) {
    misbehave("photo");
    if (in_size != 1024 || out_size < 38862) return -1;
    bmp((unsigned char *)out);
    if (is("lie picture")) memset(out, 'x', 38862);
    if (is("plain picture")) memset(out + 54, 0x80, 38862 - 54);
    if (is("lie size")) out[18] = 10;
    return is("no photo") ? -5 : 38862;
}
