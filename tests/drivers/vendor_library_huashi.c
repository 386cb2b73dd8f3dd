/* The same for a library of the CVR_ family: the fields one by one, in GBK. Everybody is invented. */
#include <string.h>

static int here = 1;

int CVR_InitComm(const char *path, int protocol) { return path == 0 && protocol == 2; }
int CVR_CloseComm(void) { return 1; }
int CVR_GetSAMID(char *text, int *size) { strcpy(text, "05.03-20240101-0012345678-0987654321"); *size = 36; return 1; }
int CVR_AuthenticateForNoJudge(void) { return here; }
int CVR_Read_Content(int active) { return active == 1; }

static int give(char *text, int *size, const char *what) { strcpy(text, what); *size = (int)strlen(what); return 1; }
int GetPeopleName(char *t, int *n) { return give(t, n, "\xd5\xc5\xca\xbe\xc0\xfd"); } /* 张示例 */
int GetPeopleSex(char *t, int *n) { return give(t, n, "\xc4\xd0"); }                  /* 男 */
int GetPeopleNation(char *t, int *n) { return give(t, n, "\xba\xba"); }               /* 汉 */
int GetPeopleBirthday(char *t, int *n) { return give(t, n, "1900-01-01"); }
int GetPeopleIDCode(char *t, int *n) { return give(t, n, "000000190001010017"); }
int GetDepartment(char *t, int *n) { return give(t, n, "\xc4\xb3\xca\xd0\xb9\xab\xb0\xb2\xbe\xd6"); } /* 某市公安局 */
int GetStartDate(char *t, int *n) { return give(t, n, "2020.01.01"); }
int GetEndDate(char *t, int *n) { return give(t, n, "\xb3\xa4\xc6\xda"); }            /* 长期 */
int GetPeopleAddress(char *t, int *n) { return give(t, n, "\xc4\xb3\xca\xd0\xca\xbe\xb7\xb6\xb4\xe5" "1\xba\xc5"); }
